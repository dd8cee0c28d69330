//! Keys that name a secret, and those that only look like it.

use super::Secret::{self, Always, Header, Text, TokenLike};
use super::*;

#[test]
fn keys_that_name_a_secret() {
    for key in [
        "password",
        "Password",
        "PASSWORD",
        "db_password",
        "dbPassword",
        "DB-PASSWORD",
        "db.password",
        "Db Password",
        "passwd",
        "pwd",
        "MYSQL_PWD",
        "PGPASSWORD",
        "dbpassword",
        "password2",
        "password_1",
        "new_password",
        "passwordConfirmation",
        "password_hash",
        "passwords",
        "passwordHash",
        "user[password]",
        "passphrase",
        "secret",
        "clientSecret",
        "client_secret",
        "CLIENT-SECRET",
        "clientsecret",
        "oauth2ClientSecret",
        "access_token",
        "accessToken",
        "ACCESS_TOKEN",
        "access.token",
        "Access Token",
        "accesstoken",
        "refresh_token",
        "auth_token",
        "authToken",
        "X-Auth-Token",
        "id_token",
        "session_token",
        "githubAccessToken",
        "csrf_token",
        "api_key",
        "apiKey",
        "APIKey",
        "APIKEY",
        "apikey",
        "x-api-key",
        "X-API-Key",
        "stripe_api_key",
        "api key",
        "authorization",
        "Authorization",
        "Proxy-Authorization",
        "HTTP_AUTHORIZATION",
        "authorization_header",
        "cookie",
        "Cookie",
        "Set-Cookie",
        "set_cookie",
        "setCookie",
        "sessionCookie",
        "cookies",
        "private_key",
        "privateKey",
        "private_key_pem",
        "PRIVATE KEY",
        "ssh_key",
        "credential",
        "credentials",
        "awsCredentials",
        "aws_secret_access_key",
        "AWS_SECRET_ACCESS_KEY",
        "secretAccessKey",
        "SharedAccessKey",
        "AccountKey",
        "signing_key",
        "encryption_key",
        "secret_key_base",
        "otp",
        "cvv",
        "password_value",
    ] {
        assert!(matches!(secret(key), Some(Always | Header)), "{key}: {:?}", secret(key));
    }
    for key in ["token", "Token", "github_token", "slackToken", "BOT_TOKEN", "token_value", "session", "session_id"] {
        assert_eq!(secret(key), Some(Text), "{key}");
    }
    for key in ["signature", "X-Amz-Signature", "sig", "auth", "_auth"] {
        assert_eq!(secret(key), Some(TokenLike), "{key}");
    }
    for key in ["password_for_admin", "secret_santa", "credentials_map", "secrets", "password-hint"] {
        assert_eq!(secret(key), Some(Secret::Compound), "{key}");
    }
}

#[test]
fn keys_that_do_not() {
    for key in [
        "",
        "_",
        "1",
        "token_id",
        "tokenId",
        "token_ids",
        "parent_token_id",
        "tokens_created",
        "token_count",
        "tokens_dispatched",
        "tokens",
        "max_tokens",
        "prompt_tokens",
        "tokenizer",
        "tokenized",
        "next_token",
        "nextPageToken",
        "cancellation_token",
        "parent_token",
        "unexpected token",
        "session_count",
        "sessions",
        "obsession",
        "author",
        "authors",
        "authority",
        "authored_by",
        "authenticated",
        "authorized",
        "authorization_id",
        "cookie_count",
        "cookie_policy",
        "secretary",
        "secretariat",
        "undersecretary_name",
        "password_changed",
        "password_changed_at",
        "password_reset",
        "passwordLength",
        "password_policy",
        "password_attempts",
        "secret_name",
        "secret_version",
        "credentials_provider",
        "credential_id",
        "key",
        "keys",
        "primary_key",
        "public_key",
        "cache_key",
        "partition_key",
        "idempotency_key",
        "key_id",
        "access_key_id",
        "api_key_id",
        "api_version",
        "api",
        "signature_count",
        "signed",
        "design",
        "pass",
        "passed",
        "passenger",
        "compass",
        "bypass",
        "passing_rate",
        "user",
        "user_id",
        "username",
        "node_id",
        "task_output_keys",
        "data",
        "value",
        "hash",
        "text",
        "sigma",
        "pwdx",
        "trace_id",
        "card",
        "number",
    ] {
        assert_eq!(secret(key), None, "{key}");
    }
}

#[test]
fn words_before_a_key_in_a_text() {
    assert_eq!(secret_in_text("key", "the api key"), Some(Always));
    assert_eq!(secret_in_text("user", "password for user"), None);
    assert_eq!(secret_in_text("token", "an unexpected token"), None);
    assert_eq!(secret_in_text("password_for_admin", "the password_for_admin"), Some(Secret::Compound));
}

#[test]
fn long_keys_are_judged_by_their_end() {
    assert_eq!(secret(&format!("{}_password", "a_".repeat(500))), Some(Always));
    assert_eq!(secret(&format!("{}_password", "é".repeat(500))), Some(Always));
    assert_eq!(secret(&"password_".repeat(500)), Some(Always));
    assert_eq!(secret(&"a".repeat(5000)), None);
}
