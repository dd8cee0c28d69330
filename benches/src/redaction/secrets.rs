//! Kinds of credentials and of people's data, as templates that make one up.
//!
//! Written from the formats that their issuers publish, not from the rules of the sanitizer, and with lengths of real
//! ones; some have no mark of their own, so that the figures are not better than life.

use tense_benches::random::{Random, base64};

/// Something that must not come out.
pub(crate) struct Made {
    /// As it travels.
    pub(crate) text: String,
    /// The part of it whose survival is a leak.
    pub(crate) body: String,
}

/// Family, whose it is, template. The family is what the table of results is grouped by.
#[rustfmt::skip]
pub(crate) const KINDS: &[(&str, &str, &str)] = &[
    ("cloud", "aws key id", "AK|IA{X16}"), ("cloud", "aws session key id", "AS|IA{X16}"),
    ("cloud", "aws bedrock", "AB|SK{A120}"), ("cloud", "google api", "AI|za{U35}"),
    ("cloud", "google oauth", "ya|29.{U120}"), ("cloud", "google client secret", "GOC|SPX-{U28}"),
    ("cloud", "google refresh", "1//|0{U60}"), ("cloud", "azure client secret", "{A3}8Q|~{A34}"),
    ("cloud", "digitalocean", "do|p_v1_{H64}"), ("cloud", "alibaba key id", "LT|AI{A20}"),
    ("cloud", "heroku", "HR|KU-{U60}"), ("cloud", "fly.io", "fm|2_{A100}"),
    ("cloud", "databricks", "da|pi{H32}"), ("cloud", "vault", "hv|s.{U90}"),
    ("cloud", "terraform", "{A14}.atlas|v1.{U67}"), ("cloud", "pulumi", "pu|l-{H40}"),
    ("cloud", "doppler", "dp.|pt.{A43}"), ("cloud", "planetscale", "pscale|_pw_{A43}"),
    ("cloud", "supabase", "sb|p_{H40}"), ("cloud", "tailscale", "tskey|-auth-{A12}-{A32}"),
    ("source", "github", "gh|p_{A36}"), ("source", "github oauth", "gh|o_{A36}"),
    ("source", "github fine-grained", "github|_pat_{A22}_{A59}"), ("source", "gitlab", "gl|pat-{U20}"),
    ("source", "gitlab runner", "gl|rt-{U20}"), ("source", "atlassian", "AT|ATT3{U180}"),
    ("source", "bitbucket", "AT|BB{A32}"), ("source", "linear", "lin|_api_{A40}"),
    ("source", "circleci", "CCI|PAT_{A22}_{H40}"), ("source", "buildkite", "bk|ua_{H40}"),
    ("packages", "npm", "np|m_{A36}"), ("packages", "pypi", "py|pi-{U150}"),
    ("packages", "crates.io", "ci|o{A32}"), ("packages", "rubygems", "ruby|gems_{H48}"),
    ("packages", "docker", "dckr|_pat_{U27}"), ("packages", "nuget", "oy|2{M43}"),
    ("packages", "artifactory", "AK|Cp{A69}"), ("packages", "clojars", "CLO|JARS_{M60}"),
    ("chat", "slack bot", "xo|xb-{D12}-{D12}-{A24}"), ("chat", "slack user", "xo|xp-{D12}-{D12}-{D13}-{H32}"),
    ("chat", "slack app", "xa|pp-1-{X11}-{D13}-{H64}"), ("chat", "slack webhook", "https://hooks.|slack.com/services/T{X8}/B{X8}/{A24}"),
    ("chat", "discord webhook", "https://discord|.com/api/webhooks/{D18}/{U68}"), ("chat", "discord bot", "MT{A24}.G{A5}.{U38}"),
    ("chat", "telegram", "{D10}:A|A{U33}"),
    ("chat", "teams webhook", "https://acme.webhook.|office.com/webhookb2/{H36}/IncomingWebhook/{H32}"),
    ("mail", "sendgrid", "S|G.{U22}.{U43}"), ("mail", "mailgun", "ke|y-{H32}"), ("mail", "mailchimp", "{H32}-u|s12"),
    ("mail", "brevo", "xkey|sib-{H64}-{A16}"), ("mail", "twilio", "S|K{H32}"),
    ("payment", "stripe", "sk|_live_{A24}"), ("payment", "stripe restricted", "rk|_live_{A99}"),
    ("payment", "stripe webhook", "wh|sec_{A32}"), ("payment", "square", "sq|0atp-{U22}"),
    ("payment", "shopify", "shp|at_{H32}"), ("payment", "razorpay", "rzp|_live_{A14}"),
    ("payment", "plaid", "access-|production-{H8}-{H4}-{H4}-{H4}-{H12}"), ("payment", "flutterwave", "FLW|SECK-{H32}-X"),
    ("models", "openai", "sk|-proj-{U120}"), ("models", "openai old", "sk|-{A48}"), ("models", "anthropic", "sk|-ant-api03-{U93}AA"),
    ("models", "hugging face", "h|f_{A34}"), ("models", "groq", "gs|k_{A52}"), ("models", "xai", "xa|i-{A80}"),
    ("models", "replicate", "r|8_{A37}"), ("models", "perplexity", "pp|lx-{A48}"), ("models", "nvidia", "nv|api-{U64}"),
    ("models", "pinecone", "pc|sk_{A70}"), ("models", "langsmith", "lsv2|_pt_{H32}_{H10}"),
    ("watching", "grafana", "gl|sa_{A32}_{H8}"), ("watching", "grafana cloud", "gl|c_{A80}"), ("watching", "sentry", "sntr|ys_{A100}"),
    ("watching", "new relic", "NR|AK-{X27}"), ("watching", "dynatrace", "dt0|c01.{X24}.{X64}"), ("watching", "honeycomb", "hc|aik_{M58}"),
    ("watching", "datadog", "{H32}"),
    ("tools", "postman", "PM|AK-{H24}-{H34}"), ("tools", "notion", "nt|n_{A46}"), ("tools", "airtable", "pa|t{A14}.{H64}"),
    ("tools", "figma", "fi|gd_{U40}"), ("tools", "contentful", "CF|PAT-{U43}"), ("tools", "dropbox", "s|l.{U130}"),
    ("tools", "hubspot", "pat-|na1-{H8}-{H4}-{H4}-{H4}-{H12}"), ("tools", "typeform", "tf|p_{A59}"),
    ("tools", "1password", "ops|_eyJ{A200}"), ("tools", "age", "AGE-|SECRET-KEY-1{X58}"), ("tools", "sonarqube", "sq|p_{H40}"),
    ("tools", "facebook", "EA|ACE{A170}"), ("tools", "okta", "SS|WS {U42}"),
    ("signed", "jwt", "ey|Jh{U33}.ey|Jz{U80}.{U43}"), ("signed", "encrypted jwt", "ey|Jh{U40}..{U16}.{U90}.{U22}"),
    ("signed", "paseto", "v4.|local.{U120}"),
    ("authorization", "bearer", "Bearer {U40}"), ("authorization", "bearer of hex", "bearer {H40}"),
    ("keys", "pem", "-----BEGIN |PRIVATE KEY-----\n{B64}\n{B64}\n{B40}\n-----END |PRIVATE KEY-----"),
    ("keys", "pem with \\n", "-----BEGIN RSA |PRIVATE KEY-----\\n{B64}\\n{B64}\\n-----END RSA |PRIVATE KEY-----"),
    ("keys", "pem with CRLF", "-----BEGIN OPENSSH |PRIVATE KEY-----\r\n{B70}\r\n{B70}\r\n-----END OPENSSH |PRIVATE KEY-----"),
    ("keys", "pgp", "-----BEGIN PGP |PRIVATE KEY BLOCK-----\n\n{B64}\n=abcd\n-----END PGP |PRIVATE KEY BLOCK-----"),
    ("addresses", "postgres", "postgres://app:{A20}@db.internal:5432/shop"), ("addresses", "mysql", "mysql://admin:{A16}@10.0.0.3/shop"),
    ("addresses", "redis", "rediss://:{A24}@cache:6380/0"), ("addresses", "amqp", "amqps://worker:{A18}@mq:5671/%2Fjobs"),
    ("addresses", "mongo", "mongodb+srv://app:{A22}@cluster0.example.net/?w=majority"),
    ("addresses", "http", "https://jane:{A12}@example.com/a"), ("addresses", "git over https", "https://{A40}@git.example.com/a.git"),
    ("addresses", "go dsn", "app:{A16}@tcp(10.0.0.3:3306)/shop"), ("addresses", "oracle", "jdbc:oracle:thin:scott/{A12}@db:1521/x"),
    ("addresses", "a slash in it", "postgres://app:{A8}/{A8}@db/shop"), ("addresses", "nats", "nats://app:{A20}@mq:4222"),
    ("addresses", "sftp", "sftp://app:{A14}@files.example.com/in"), ("addresses", "ldap", "ldaps://cn=admin:{A14}@ldap.example.com"),
    ("people", "email", "{L9}@example.com"), ("people", "email with a tag", "{L8}.{L9}+shop@mail.example.co"),
    ("people", "phone of groups", "+1 (555) {D3}-{D4}"), ("people", "phone", "+49{D10}"),
];

/// Makes one of the kind. Cards have a checksum, and basic authorization is base64: they have no template.
pub(crate) fn make(template: &str, random: &mut Random) -> Made {
    let (text, body) = random.fill(template);
    // Of a number in groups, all of it is what must not survive.
    let body = if body.len() < 5 { text.clone() } else { body };
    Made { text, body }
}

pub(crate) fn basic(random: &mut Random) -> Made {
    let pair = format!("{}:{}", random.fill("{L8}").0, random.fill("{A14}").0);
    let body = base64(pair.as_bytes());
    Made { text: format!("Basic {body}"), body }
}

pub(crate) fn card(random: &mut Random) -> Made {
    let (first, length) = [("4", 16), ("51", 16), ("37", 15), ("6011", 16)][random.below(4)];
    let body = format!("{first}{}", random.fill(&format!("{{D{}}}", length - first.len() - 1)).0);
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, digit)| if at % 2 == 1 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    let number = format!("{body}{}", (10 - sum % 10) % 10);
    let text = match random.below(3) {
        1 if length == 16 => number.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" "),
        2 if length == 16 => number.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"),
        _ => number,
    };
    Made { body: text.clone(), text }
}
