//! Every case is the only one of its process, because there is one global default in each: every test runs its binary
//! again with the case's name. `apart` does so too, and holds more against the process.

/// Names the case to the process that is to run it.
pub(crate) const CASE: &str = "TENSE_TEST_CASE";

macro_rules! cases {
    ($($(#[$doc:meta])* fn $name:ident() $body:block)*) => { $(
        $(#[$doc])*
        #[test]
        fn $name() {
            // As the test harness knows it, which leaves out the name of the binary.
            let path = concat!(module_path!(), "::", stringify!($name));
            let name = path.split_once("::").map_or(path, |(_, name)| name);
            if std::env::var($crate::alone::CASE).is_ok_and(|case| case == name) {
                $body
                return;
            }
            let me = std::env::current_exe().unwrap();
            let out = std::process::Command::new(me).args(["--exact", name, "--nocapture"]).env($crate::alone::CASE, name).output();
            let out = out.unwrap();
            let said = String::from_utf8_lossy(&out.stdout);
            assert!(
                out.status.success() && said.contains("1 passed"),
                "{said}\n{}",
                String::from_utf8_lossy(&out.stderr)
            );
        }
    )* };
}
