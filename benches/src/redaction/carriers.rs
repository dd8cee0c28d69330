//! The ways in which a secret travels: a text leaves that has it inside.

use serde_json::json;

use tense_benches::random::{Random, base64};

type Carry = fn(&str, &mut Random) -> String;

/// For values that give themselves away.
pub(crate) const BARE: &[(&str, Carry)] = &[
    ("alone", |s, _| s.to_owned()),
    ("sentence", |s, _| format!("could not use {s}, retrying in 3 s")),
    ("punctuation", |s, r| {
        let (a, b) = [
            ("(", ")"),
            ("[", "]"),
            ("<", ">"),
            ("\"", "\"."),
            ("'", "';"),
            ("`", "`,"),
            ("", "."),
            ("", ";"),
            ("", "!"),
        ][r.below(9)];
        format!("got {a}{s}{b} instead")
    }),
    ("pair", |s, _| format!("node=n4 note={s} attempt=3")),
    ("json", |s, _| json!({"node": "n4", "note": s, "n": 3}).to_string()),
    ("json in json", |s, _| json!({"body": json!({"note": s}).to_string()}).to_string()),
    ("json three deep", |s, _| json!({"a": json!({"b": json!({"note": s}).to_string()}).to_string()}).to_string()),
    ("header dump", |s, _| format!("GET / HTTP/1.1\r\nHost: example.com\r\nX-Note: {s}\r\nAccept: */*\r\n\r\n")),
    ("query", |s, _| format!("GET /a?b=c&note={}&d=e", encoded(s))),
    ("form", |s, _| format!("a=1&note={}&b=2", encoded(s))),
    ("debug", |s, _| format!("Note {{ node: \"n4\", note: Some({s:?}) }}")),
    ("pretty debug", |s, _| format!("Note {{\n    node: \"n4\",\n    note: Some(\n        {s:?},\n    ),\n}}")),
    ("yaml", |s, _| format!("node: n4\nnote: {s}\nn: 3\n")),
    ("toml", |s, _| format!("node = \"n4\"\nnote = {s:?}\n")),
    ("env", |s, _| format!("PATH=/usr/bin\nNOTE={s}\nHOME=/srv\n")),
    ("command line", |s, _| format!("curl -fsS -H 'X-Note: {s}' https://example.com/a")),
    ("error chain", |s, _| format!("request failed: rejected {s}: status 401: unauthorized")),
    ("panic", |s, _| format!("called `Result::unwrap()` on an `Err` value: Denied({s:?})")),
    ("colour", |s, _| format!("\u{1b}[31m{s}\u{1b}[0m")),
    ("zero width", |s, _| {
        let at = s.char_indices().nth(s.len() / 2).map_or(0, |(at, _)| at);
        format!("x {}\u{200b}{} y", &s[..at], &s[at..])
    }),
    ("crlf", |s, _| format!("first\r\n{s}\r\nlast\r\n")),
    ("xml", |s, _| format!("<a><note>{s}</note></a>")),
];

/// For values that only their key gives away.
type CarryPair = fn(&str, &str, &mut Random) -> String;

pub(crate) const KEYED: &[(&str, CarryPair)] = &[
    ("pair", |k, s, _| format!("node=n4 {k}={s} attempt=3")),
    ("quoted pair", |k, s, _| format!("node=n4 {k}=\"{s}\" attempt=3")),
    ("json", |k, s, _| json!({"node": "n4", k: s, "n": 3}).to_string()),
    ("json in json", |k, s, _| json!({"body": json!({k: s}).to_string()}).to_string()),
    ("json three deep", |k, s, _| json!({"a": json!({"b": json!({k: s}).to_string()}).to_string()}).to_string()),
    ("pretty json", |k, s, _| format!("{:#}", json!({"node": "n4", k: s}))),
    ("unicode escapes", |k, s, _| format!("{{\\u0022{k}\\u0022:\\u0022{s}\\u0022}}")),
    ("html escapes", |k, s, _| format!("{{&quot;{k}&quot;:&quot;{s}&quot;}}")),
    ("query", |k, s, _| format!("https://example.com/a?b=c&{k}={}&d=e", encoded(s))),
    ("encoded query", |k, s, _| format!("next=%2Fa%3Fb%3Dc%26{k}%3D{s}%26d%3De")),
    ("query encoded twice", |k, s, _| format!("next=%252Fa%253Fb%253Dc%2526{k}%253D{s}%2526d%253De")),
    ("encoded json", |k, s, _| encoded(&json!({k: s, "n": 3}).to_string())),
    ("form", |k, s, _| format!("user[{k}]={}&x=1", encoded(s))),
    ("form in parts", |k, s, _| format!("--b\r\nContent-Disposition: form-data; name=\"{k}\"\r\n\r\n{s}\r\n--b--")),
    ("header dump", |k, s, _| format!("Host: example.com\r\n{k}: {s}\r\nAccept: */*\r\n")),
    ("debug", |k, s, _| format!("Config {{ node: \"n4\", {k}: {s:?}, n: 3 }}")),
    ("debug of an option", |k, s, _| format!("Config {{ {k}: Some({s:?}), n: 3 }}")),
    ("debug of a newtype", |k, s, _| format!("Config {{ {k}: Hidden({s:?}), n: 3 }}")),
    ("pretty debug", |k, s, _| format!("Config {{\n    {k}: Some(\n        {s:?},\n    ),\n    n: 3,\n}}")),
    ("debug of pairs", |k, s, _| format!("[(\"node\", \"n4\"), ({k:?}, {s:?})]")),
    ("debug of a map", |k, s, _| format!("{{\"node\": \"n4\", {k:?}: {s:?}}}")),
    ("python", |k, s, _| format!("{{'node': 'n4', '{k}': '{s}'}}")),
    ("ruby", |k, s, _| format!("{{:node=>\"n4\", :{k}=>\"{s}\"}}")),
    ("go", |k, s, _| format!("map[node:n4 {k}:{s}]")),
    ("yaml", |k, s, _| format!("node: n4\n{k}: {s}\nn: 3\n")),
    ("yaml block", |k, s, _| format!("node: n4\n{k}: |\n  {s}\nn: 3\n")),
    ("toml", |k, s, _| format!("node = \"n4\"\n{k} = \"{s}\"\n")),
    ("long toml", |k, s, _| format!("{k} = \"\"\"{s}\"\"\"\nn = 3\n")),
    ("env", |k, s, _| format!("PATH=/usr/bin\nexport {k}='{s}'\nN=3")),
    ("flag", |k, s, _| format!("run --node n4 --{k} {s} --n 3")),
    ("flag with =", |k, s, _| format!("run --{k}={s} --n 3")),
    ("xml", |k, s, _| format!("<a><n>3</n><{k}>{s}</{k}></a>")),
    ("name and value", |k, s, _| json!([{"name": k, "value": s}]).to_string()),
    ("name and value in yaml", |k, s, _| format!("env:\n- name: {k}\n  value: {s}\n- name: n\n")),
    ("connection string", |k, s, _| format!("Server=db;User Id=u;{k}={s};Timeout=3")),
    ("keywords", |k, s, _| format!("host=db user=u {k}={s} dbname=shop")),
    ("jdbc", |k, s, _| format!("jdbc:postgresql://db/shop?user=u&{k}={}&ssl=true", encoded(s))),
    ("error chain", |k, s, _| format!("login failed: rejected {k}={s}: status 401")),
    ("colour", |k, s, _| format!("\u{1b}[31m{k}\u{1b}[0m=\u{1b}[1m{s}\u{1b}[0m")),
    ("zero width", |k, s, _| format!("{}\u{200b}{}={s} n=3", &k[..2], &k[2..])),
];

/// In any case style.
pub(crate) const KEYS: &[&str] = &[
    "password",
    "DB_PASSWORD",
    "userPassword",
    "passwd",
    "client-secret",
    "clientSecret",
    "access_token",
    "refreshToken",
    "api_key",
    "x-api-key",
    "apiKey",
    "private_key",
    "session_token",
    "credentials",
    "token",
    "pwd",
    "passphrase",
    "secretAccessKey",
    "AccountKey",
    "signing_key",
];

/// A whole statement or command, with what it does to the password.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[
    ("sql", "ALTER USER app WITH PASSWORD '§'"),
    ("sql", "CREATE ROLE app LOGIN ENCRYPTED PASSWORD '§' VALID UNTIL 'infinity'"),
    ("sql", "CREATE USER 'app'@'%' IDENTIFIED BY '§'"),
    ("sql", "ALTER USER 'app'@'h' IDENTIFIED WITH caching_sha2_password BY '§';"),
    ("sql", "SET PASSWORD FOR 'app'@'h' = '§'"),
    ("sql", "CREATE USER app IDENTIFIED BY \"§\""),
    ("odbc", "Driver={ODBC Driver 18};Server=db;Uid=app;Pwd={§};"),
    ("odbc", "DSN=shop;UID=app;PWD=§"),
    ("ado", "Data Source=db;Initial Catalog=shop;User ID=app;Password=§;Encrypt=yes"),
    ("redis", "cache:6380,password=§,ssl=True,abortConnect=False"),
    (
        "kafka",
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"§\";",
    ),
    ("azure", "Endpoint=sb://x.servicebus.example.net/;SharedAccessKeyName=root;SharedAccessKey=§"),
    ("azure", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=§;EndpointSuffix=core.example.net"),
    ("libpq", "host=db port=5432 user=app password='§' sslmode=require"),
    ("netrc", "machine db.example.com login app password §"),
    ("command", "curl -u app:§ https://example.com/a"),
    ("command", "curl --user 'app:§' https://example.com/a"),
    ("command", "mysql -h db -u app -p§ shop"),
    ("command", "redis-cli -h cache -a § ping"),
    ("command", "PGPASSWORD=§ psql -h db shop"),
    ("command", "sshpass -p '§' ssh app@host"),
    ("command", "docker login -u app -p § registry"),
    ("curl of a header", "curl -H 'Authorization: Bearer §' https://example.com"),
    ("curl of a header", "curl -H \"X-Api-Key: §\" https://example.com"),
    ("cookie", "Cookie: theme=dark; sid=§; n=3"),
    ("cookie", "Set-Cookie: sid=§; Path=/; HttpOnly"),
    ("encoded address", "url=postgres%3A%2F%2Fapp%3A§%40db%2Fshop"),
    ("escaped address", "{\"url\":\"postgres:\\/\\/app:§@db\\/shop\"}"),
    ("sentence", "the password is '§'"),
    ("sentence", "the password: §"),
];

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Ways that are known to hide a secret: for the list of what the sanitizer cannot do.
pub(crate) type CarryBeyond = fn(&str) -> String;

pub(crate) const BEYOND: &[(&str, CarryBeyond)] = &[
    ("base64 of a pair", |s| base64(format!("password={s}").as_bytes())),
    ("hex of a pair", |s| format!("password={s}").bytes().map(|byte| format!("{byte:02x}")).collect()),
    ("reversed", |s| format!("password={s}").chars().rev().collect()),
    ("no key", |s| format!("connected with {s}")),
    ("a word in prose", |s| format!("I set it to {s} yesterday")),
];
