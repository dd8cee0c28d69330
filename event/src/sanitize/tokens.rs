//! Credentials that begin with letters of their own: the table of the beginnings, and how long what follows has to be.
//!
//! They are exact: a beginning, characters of one class, and so many of them that no word is meant. Curated on purpose;
//! a rule that hits what every second log line holds is switched off by its users, with all the others.

use super::kinds::Class;

/// One kind of credential.
#[derive(Debug)]
pub(super) struct Token {
    /// Whose it is.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests tell by it which rule broke"))]
    pub(super) id: &'static str,
    /// How it begins, as it is written.
    pub(super) prefix: &'static str,
    /// What follows.
    pub(super) class: Class,
    /// How many characters follow at least, and at most.
    pub(super) least: usize,
    pub(super) most: usize,
    /// Whether the beginning says nothing by itself and stays: the host of an address.
    pub(super) keeps_prefix: bool,
    /// Something similar that stays.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold the rule to it"))]
    pub(super) miss: &'static str,
}

const fn open(id: &'static str, prefix: &'static str, class: Class, least: usize, miss: &'static str) -> Token {
    Token { id, prefix, class, least, most: usize::MAX, keeps_prefix: false, miss }
}

const fn exact(id: &'static str, prefix: &'static str, class: Class, length: usize, miss: &'static str) -> Token {
    Token { id, prefix, class, least: length, most: length, keeps_prefix: false, miss }
}

const fn behind(id: &'static str, prefix: &'static str, class: Class, least: usize, miss: &'static str) -> Token {
    Token { id, prefix, class, least, most: usize::MAX, keeps_prefix: true, miss }
}

const A: Class = Class::ALNUM;
const B: Class = Class::BASE64;
const D: Class = Class::DOTTED;
const H: Class = Class::HEX;
const L: Class = Class::LOWER;
const U: Class = Class::URL64;
const UP: Class = Class::UPPER;
const W: Class = Class::WORD;

/// By what they open, sorted by owner.
#[rustfmt::skip]
pub(super) const TOKENS: &[Token] = &[
    open("age", "AGE-SECRET-KEY-1", UP, 20, "AGE-SECRET-KEY-"),
    exact("airtable", "pat", Class::ALNUM.and(Class::DOT), 79, "pattern.rs"),
    open("akamai", "akab-", U, 30, "akab-host"),
    open("alibaba", "LTAI", A, 16, "LTAI"),
    open("anthropic", "sk-ant-", U, 16, "sk-ant-farm"),
    open("artifactory", "AKCp", A, 60, "AKCpx"),
    open("artifactory", "cmVmdGtuO", A, 40, "cmVmdGtuO"),
    open("atlassian", "ATATT", U.and(Class::BASE64), 30, "ATATT"),
    open("atlassian", "ATBB", U.and(Class::BASE64), 30, "ATBB"),
    open("atlassian", "ATCTT", U.and(Class::BASE64), 30, "ATCTT"),
    open("aws_bedrock", "ABSK", B, 60, "ABSK"),
    open("aws_key_id", "ABIA", UP, 16, "ABIAS"),
    open("aws_key_id", "ACCA", UP, 16, "ACCA1"),
    open("aws_key_id", "AKIA", UP, 16, "AKIAMI"),
    open("aws_key_id", "ASIA", UP, 16, "ASIA"),
    open("aws_mws", "amzn.mws.", Class::HEX_DASH, 36, "amzn.mws.x"),
    open("braintree", "access_token$production$", Class::WORD.and(Class::TOKEN), 30, "access_token$production"),
    open("brevo", "xkeysib-", U, 40, "xkeysib-"),
    open("brevo", "xsmtpsib-", U, 40, "xsmtpsib-"),
    open("buildkite", "bkua_", H, 32, "bkua_x"),
    open("circleci", "CCIPAT_", W, 24, "CCIPAT_"),
    open("clojars", "CLOJARS_", A, 40, "CLOJARS_x"),
    open("contentful", "CFPAT-", U, 30, "CFPAT-1"),
    exact("crates_io", "cio", A, 32, "ciopfs"),
    open("databricks", "dapi", Class::HEX_DASH, 32, "dapi0"),
    open("digitalocean", "doo_v1_", H, 40, "doo_v1_x"),
    open("digitalocean", "dop_v1_", H, 40, "dop_v1_x"),
    open("digitalocean", "dor_v1_", H, 40, "dor_v1_x"),
    behind("discord_webhook", "discord.com/api/webhooks/", Class::PATH, 16, "discord.com/api/webhooks/"),
    behind("discord_webhook", "discordapp.com/api/webhooks/", Class::PATH, 16, "discordapp.com/api/webhooks/"),
    open("docker", "dckr_oat_", U, 20, "dckr_oat_"),
    open("docker", "dckr_pat_", U, 20, "dckr_pat"),
    open("doppler", "dp.pt.", D, 30, "dp.pt.x"),
    open("doppler", "dp.st.", D, 30, "dp.st.x"),
    open("dropbox", "sl.", U, 100, "sl.po"),
    open("duffel", "duffel_live_", U, 30, "duffel_live_"),
    open("dynatrace", "dt0c01.", D, 60, "dt0c01.x"),
    open("easypost", "EZAK", A, 50, "EZAK"),
    open("facebook", "EAA", A, 80, "EAA1"),
    open("figma", "figd_", U, 30, "figd_x"),
    behind("firebase", ":APA91b", U, 80, ":APA91b"),
    open("flutterwave", "FLWSECK-", U, 20, "FLWSECK-"),
    open("flutterwave", "FLWSECK_TEST-", U, 12, "FLWSECK_TEST-"),
    open("fly_io", "fm1_", U.and(B), 60, "fm1_x"),
    open("fly_io", "fm2_", U.and(B), 60, "fm2_x"),
    open("github", "gho_", A, 20, "gho_st"),
    open("github", "ghp_", A, 20, "ghp_short"),
    open("github", "ghr_", A, 20, "ghr_x"),
    open("github", "ghs_", A, 20, "ghs_x"),
    open("github", "ghu_", A, 20, "ghu_x"),
    open("github", "github_pat_", W, 20, "github_pat_x"),
    open("gitlab", "glagent-", D, 20, "glagent-x"),
    open("gitlab", "glcbt-", D, 20, "glcbt-x"),
    open("gitlab", "gldt-", D, 20, "gldt-x"),
    open("gitlab", "glft-", D, 20, "glft-x"),
    open("gitlab", "glimt-", D, 20, "glimt-x"),
    open("gitlab", "gloas-", D, 20, "gloas-x"),
    open("gitlab", "glpat-", D, 20, "glpat-x"),
    open("gitlab", "glptt-", D, 20, "glptt-x"),
    open("gitlab", "glrt-", D, 20, "glrt-x"),
    open("gitlab", "glsoat-", D, 20, "glsoat-x"),
    open("google_api_key", "AIza", U, 35, "AIzawa"),
    open("google_oauth", "1//0", U, 40, "1//0"),
    open("google_oauth", "GOCSPX-", U, 20, "GOCSPX-"),
    open("google_oauth", "ya29.", U, 20, "ya29.txt"),
    open("grafana", "eyJrIjoi", B, 40, "eyJrIjoi"),
    open("grafana", "glc_", W.and(B), 20, "glc_x"),
    open("grafana", "glsa_", W, 20, "glsa_x"),
    open("groq", "gsk_", A, 32, "gsk_x"),
    open("hashicorp_vault", "hvb.", U, 20, "hvb.rs"),
    open("hashicorp_vault", "hvr.", U, 20, "hvr.rs"),
    open("hashicorp_vault", "hvs.", U, 20, "hvs.rs"),
    open("heroku", "HRKU-", U, 30, "HRKU-1"),
    open("honeycomb", "hcaik_", A, 30, "hcaik_x"),
    open("hubspot", "pat-eu1-", Class::HEX_DASH, 36, "pat-eu1-1"),
    open("hubspot", "pat-na1-", Class::HEX_DASH, 36, "pat-na1-1"),
    open("hugging_face", "hf_", A, 30, "hf_transfer"),
    open("infracost", "ico-", A, 32, "ico-16"),
    open("kubernetes_private_key", "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS", B, 40, "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"),
    open("kubernetes_private_key", "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ", B, 40, "LS0tLS1CRUdJTiBQVUJMSUMg"),
    open("kubernetes_private_key", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS", B, 40, "LS0tLS1CRUdJTiBQVUJMSUMg"),
    open("kubernetes_private_key", "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt", B, 40, "LS0tLS1CRUdJTiBQVUJMSUMg"),
    open("langsmith", "lsv2_pt_", W, 32, "lsv2_pt_x"),
    open("langsmith", "lsv2_sk_", W, 32, "lsv2_sk_x"),
    open("launchdarkly", "sdk-", Class::HEX_DASH, 36, "sdk-34"),
    open("linear", "lin_api_", A, 32, "lin_api_x"),
    open("linear", "lin_oauth_", A, 32, "lin_oauth_x"),
    exact("mailgun", "key-", H, 32, "key-1234"),
    open("new_relic", "NRAK-", UP, 27, "NRAK-1"),
    open("new_relic", "NRII-", U, 27, "NRII-1"),
    open("new_relic", "NRJS-", H, 19, "NRJS-1"),
    open("notion", "ntn_", A, 40, "ntn_x"),
    exact("notion", "secret_", A, 43, "secret_santa"),
    open("npm", "npm_", A, 30, "npm_config_registry"),
    exact("nuget", "oy2", L, 43, "oy2"),
    open("nvidia", "nvapi-", U, 40, "nvapi-x"),
    behind("office_webhook", "webhook.office.com/webhookb2/", Class::PATH.and(Class::AT), 30, "webhook.office.com/webhookb2/"),
    open("onepassword", "ops_eyJ", U, 40, "ops_eyJ"),
    open("openai", "sk-", A, 32, "sk-some-slovak-page-slug-of-words"),
    open("openai", "sk-admin-", U, 16, "sk-admin-x"),
    open("openai", "sk-or-v1-", U, 16, "sk-or-v1-x"),
    open("openai", "sk-proj-", U, 16, "sk-proj-x"),
    open("openai", "sk-svcacct-", U, 16, "sk-svcacct-x"),
    open("perplexity", "pplx-", A, 32, "pplx-70b"),
    open("pinecone", "pcsk_", W, 40, "pcsk_x"),
    open("plaid", "access-production-", Class::HEX_DASH, 36, "access-production-x"),
    open("plaid", "access-sandbox-", Class::HEX_DASH, 36, "access-sandbox-x"),
    open("planetscale", "pscale_oauth_", D, 30, "pscale_oauth_x"),
    open("planetscale", "pscale_pw_", D, 30, "pscale_pw_x"),
    open("planetscale", "pscale_tkn_", D, 30, "pscale_tkn_x"),
    open("posthog", "phx_", A, 40, "phx_x"),
    exact("postman", "PMAK-", Class::HEX_DASH, 59, "PMAK-1"),
    open("prefect", "pnu_", A, 32, "pnu_x"),
    open("pulumi", "pul-", H, 40, "pul-1"),
    open("pypi", "pypi-", U, 32, "pypi-mirror"),
    exact("razorpay", "rzp_live_", A, 14, "rzp_live_x"),
    exact("razorpay", "rzp_test_", A, 14, "rzp_test_x"),
    exact("replicate", "r8_", A, 37, "r8_x"),
    open("rubygems", "rubygems_", H, 32, "rubygems_version"),
    open("sendgrid", "SG.", D, 40, "SG.example"),
    open("sentry", "sntrys_", W.and(B), 20, "sntrys_x"),
    open("sentry", "sntryu_", W.and(B), 20, "sntryu_x"),
    open("shippo", "shippo_live_", H, 40, "shippo_live_x"),
    open("shopify", "shpat_", Class::ANY_HEX, 32, "shpat_"),
    open("shopify", "shpca_", Class::ANY_HEX, 32, "shpca_"),
    open("shopify", "shppa_", Class::ANY_HEX, 32, "shppa_"),
    open("shopify", "shpss_", Class::ANY_HEX, 32, "shpss_"),
    open("slack", "xapp-", Class::DASHED, 20, "xapp-1"),
    open("slack", "xoxa-", Class::DASHED, 10, "xoxa-x"),
    open("slack", "xoxb-", Class::DASHED, 10, "xoxb-x"),
    open("slack", "xoxc-", Class::DASHED, 10, "xoxc-x"),
    open("slack", "xoxd-", Class::DASHED, 10, "xoxd-x"),
    open("slack", "xoxe-", Class::DASHED, 10, "xoxe-x"),
    open("slack", "xoxe.xoxb-", Class::DASHED, 10, "xoxe.xoxb-x"),
    open("slack", "xoxe.xoxp-", Class::DASHED, 10, "xoxe.xoxp-x"),
    open("slack", "xoxp-", Class::DASHED, 10, "xoxo-hugs"),
    open("slack", "xoxr-", Class::DASHED, 10, "xoxr-x"),
    open("slack", "xoxs-", Class::DASHED, 10, "xoxs-x"),
    behind("slack_webhook", "hooks.slack.com/services/", Class::PATH, 16, "hooks.slack.com/docs"),
    behind("slack_webhook", "hooks.slack.com/triggers/", Class::PATH, 16, "hooks.slack.com/docs"),
    behind("slack_webhook", "hooks.slack.com/workflows/", Class::PATH, 16, "hooks.slack.com/docs"),
    exact("sonarqube", "sqa_", H, 40, "sqa_x"),
    exact("sonarqube", "sqp_", H, 40, "sqp_x"),
    exact("sonarqube", "squ_", H, 40, "squ_x"),
    open("square", "EAAA", U, 56, "EAAA"),
    open("square", "sq0atp-", U, 20, "sq0atp-x"),
    open("square", "sq0csp-", U, 20, "sq0csp-x"),
    open("stripe", "rk_live_", A, 16, "rk_live_"),
    open("stripe", "rk_test_", A, 16, "rk_test_"),
    open("stripe", "sk_live_", A, 16, "sk_live_"),
    open("stripe", "sk_test_", A, 16, "sk_test_"),
    open("stripe", "whsec_", B, 24, "whsec_"),
    open("supabase", "sb_secret_", U, 20, "sb_secret_x"),
    open("supabase", "sbp_", H, 40, "sbp_x"),
    open("tailscale", "tskey-", U, 20, "tskey-x"),
    open("tavily", "tvly-", U, 28, "tvly-x"),
    open("tencent", "AKID", A, 32, "AKID1"),
    exact("twilio", "SK", H, 32, "SKU-12"),
    open("typeform", "tfp_", W, 40, "tfp_x"),
    open("xai", "xai-", A, 40, "xai-x"),
    open("yandex", "AQVN", U, 35, "AQVN"),
    open("yandex", "y0_", U, 50, "y0_x"),
];

/// How PASETO tokens begin; they are one family with the tokens that consist of JSON.
#[rustfmt::skip]
pub(super) const PASETO: &[Token] = &[
    open("paseto", "v1.local.", D, 20, "v1.local.address"),
    open("paseto", "v1.public.", D, 20, "v1.public.key"),
    open("paseto", "v2.local.", D, 20, "v2.local.address"),
    open("paseto", "v2.public.", D, 20, "v2.public.key"),
    open("paseto", "v3.local.", D, 20, "v3.local.address"),
    open("paseto", "v3.public.", D, 20, "v3.public.key"),
    open("paseto", "v4.local.", D, 20, "v4.local.address"),
    open("paseto", "v4.public.", D, 20, "v4.public.key"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(
            TOKENS.is_sorted_by(|a, b| (a.id, a.prefix) < (b.id, b.prefix)),
            "{:?}",
            TOKENS.windows(2).find(|two| (two[0].id, two[0].prefix) >= (two[1].id, two[1].prefix))
        );
        assert!(TOKENS.iter().chain(PASETO).all(|token| token.least <= token.most && !token.prefix.is_empty()));
    }
}
