//! Ordinary lines of logs, as many as are asked for; nothing in them is secret.

use tense_benches::random::{Random, base64};

const WORDS: &[&str] = &[
    "token",
    "session",
    "key",
    "worker",
    "order",
    "cache",
    "secret",
    "password",
    "author",
    "request",
    "batch",
    "retry",
    "cookie",
    "payment",
    "invoice",
    "user",
    "node",
    "queue",
    "index",
    "schema",
    "bearer",
    "basic",
    "policy",
    "signature",
];
const DONE: &[&str] = &[
    "created", "expired", "moved", "rejected", "loaded", "missing", "required", "rotated", "changed", "failed",
    "accepted",
];

/// Templates of [`Random::fill`], where `@w` is a word, `@d` what was done, `@n` a number and `@t` a time.
#[rustfmt::skip]
const LINES: &[&str] = &[
    "@t INFO coordinator: @w @d in @n ms",
    "@t WARN [worker-@n] @w @d after @n attempts, retrying in @n s",
    "@t ERROR shop::@w: @w @d: connection refused (os error 111)",
    "request {H8}-{H4}-7{H3}-a{H3}-{H12} took @n.@n ms status=200 bytes=@n",
    "trace_id={H32} span_id={H16} @w @d",
    "traceparent: 00-{H32}-{H16}-01",
    "commit {H40} by @w: @w @d",
    "sha256:{H64} verified, md5 {H32} matches, etag W/\"{H8}-{H4}\"",
    "installed @w@1.@n.3-rc.@n+build.5 from cache; rustc 1.95.@n ({H9} 2026-04-14)",
    "order {D8}-{D6} was placed by customer @n, invoice 2026/11/{D6}, tracking 1Z999AA{D10}",
    "order number {D13} sequence 17{D17} snowflake 1{D17} ean {D13}",
    "10.@n.0.3:51234 -> 192.168.@n.9:5432 established, fe80::1ff:fe23:{H4}:{H4}%eth0 up",
    "192.168.10.@n - - [21/Nov/2026:10:00:03 +0100] \"GET /v1/@w/@n?page=@n&sort=desc HTTP/1.1\" 200 @n \"-\" \"curl/8.9.1\"",
    "SELECT id, @w_id, created_at FROM @ws WHERE @w_id = $1 AND status IN ('waiting', 'done') ORDER BY id LIMIT @n",
    "INSERT INTO @ws (id, @w_count, updated_at) VALUES ($1, $2, now()) ON CONFLICT (id) DO NOTHING -- @n rows",
    "UPDATE users SET password_changed_at = now(), login_count = login_count + 1 WHERE id = @n",
    "   at shop::@w::Store::@d (src/@w/store.rs:@n:@n)",
    "thread 'worker-@n' panicked at src/@w.rs:@n:9: index out of bounds: the len is @n but the index is @n",
    "  File \"/srv/app/@w/views.py\", line @n, in handle_@w",
    "\tat com.example.@w.Service.@d(Service.java:@n) ~[shop-1.@n.jar:1.@n]",
    "{\"level\":\"info\",\"ts\":\"@t\",\"msg\":\"@w @d\",\"@w_id\":\"t@n\",\"@w_count\":@n,\"duration_ms\":@n.5}",
    "{\"time\":\"@t\",\"kubernetes\":{\"pod\":\"api-{H9}-{M5}\",\"namespace\":\"shop\",\"node\":\"ip-10-0-3-@n\"},\"message\":\"@w @d\"}",
    "{\"max_tokens\": @n, \"prompt_tokens\": @n, \"total_tokens\": @n, \"next_page_token\": null, \"token_type\": \"word\"}",
    "{\"id\":\"{H8}-{H4}-4{H3}-b{H3}-{H12}\",\"@w_ids\":[\"t@n\",\"t@n\"],\"session_count\":@n}",
    "I1121 10:00:00.{D6}       1 controller.go:@n] \"@w @d\" pod=\"shop/api-{H10}-{M5}\" uid=\"{H8}-{H4}-4{H3}-b{H3}-{H12}\"",
    "Normal  Pulled  @ns  kubelet  Container image \"registry.example/shop/@w:1.@n.0@sha256:{H64}\" already present",
    "data:image/png;base64,{B200}==",
    "body: {B120}= (@n bytes)",
    "GET https://example.com:8443/v1/@w/@n?cursor={M12}&limit=@n 200 OK in @n ms",
    "kernel: [{D5}.{D6}] eth0: link up, @n Mbps full duplex",
    "cpu @n.5% mem @n MB load 0.41 0.38 0.30 p50=@n.2ms p95=@n.8ms p99=@n.1ms n=@n",
    "offset +@n ns, jitter -3 ms, drift +0.0@n ppm, at +02:00",
    "position 52.52@n 13.40@n altitude +34, temperature 21.@n C",
    "@@ -@n,3 +@n,7 @@ fn @w_@d()",
    "token_id=t@n node_id=n@n parent_token_id=t@n tokens_created=@n session_count=@n secret_version=@n",
    "the @w was @d, see https://docs.example.com/@w/#@d for the @w @d",
    "could not read the @w: no such file or directory (os error 2)",
    "invalid @w: @d @n minutes ago",
    "error[E0277]: the trait bound `@w: Send` is not satisfied",
    "expected @w, found keyword `fn` at line @n column @n",
    "Started getty@tty@n.service - Getty on tty@n.",
    "cloning git@git.example.com:shop/@w.git into '@w', branch @w/@d-@n",
    "uses: actions/checkout@v4 with: fetch-depth: @n",
    "/srv/app/@w/target/release/deps/lib@w-{H16}.rlib: @n bytes, mode 0644",
    "password_changed=true password_attempts=@n secret_name=db-@w credentials_provider=static",
    "consumer group @w rebalanced: generation @n, member consumer-@n-{H8}-{H4}-4{H3}-a{H3}-{H12}",
    "xid={D10} lsn=0/{X8} wal_bytes=@n checkpoint @d",
    "feature flags: new_@w=on, old_@w=off, @w_limit=@n, retries: @n",
    "transfer of @n,200.50 EUR from account @n to account @n was @d",
    "AKIA is a prefix, ghp_ too, and eyJ begins a header; sk- a key; @w @d",
];

/// A line of that kind of template.
pub(crate) fn line(random: &mut Random) -> String {
    let template = random.one_of(LINES);
    let mut filled = random.fill(template).0;
    while let Some(at) = filled.find("@w") {
        filled.replace_range(at..at + 2, random.one_of(WORDS));
    }
    while let Some(at) = filled.find("@d") {
        filled.replace_range(at..at + 2, random.one_of(DONE));
    }
    while let Some(at) = filled.find("@n") {
        let bound = [10, 1000, 100_000][random.below(3)];
        let number = random.below(bound).to_string();
        filled.replace_range(at..at + 2, &number);
    }
    let (h, m, s) = (random.below(24), random.below(60), random.below(60));
    filled = filled.replace("@t", &format!("2026-11-21T{h:02}:{m:02}:{s:02}.{:06}Z", random.below(1_000_000)));
    match random.below(40) {
        // What tools wrap in base64 is ordinary as well.
        0 => format!("payload={} {filled}", base64(filled.as_bytes())),
        1 => format!("{filled} (worker {})", random.one_of(WORDS)),
        _ => filled,
    }
}
