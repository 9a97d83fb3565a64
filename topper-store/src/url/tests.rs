use super::*;

fn host(name: &str, port: Option<u16>) -> Host {
    Host { name: name.to_owned(), port }
}

fn error(text: &str) -> UrlError {
    StoreUrl::parse(text).err().unwrap()
}

#[test]
fn reads_all_parts_decoded() {
    let url =
        StoreUrl::parse("Postgres://an%40user:p%2Fa%3As%25s@a.host:5433/a%20db?a=%26&b=c%3Dd");
    let url = url.unwrap();
    assert_eq!(url.scheme, "postgres");
    assert_eq!(url.user.as_deref(), Some("an@user"));
    assert_eq!(url.password.as_deref(), Some("p/a:s%s"));
    assert_eq!(url.hosts, [host("a.host", Some(5433))]);
    assert_eq!(url.path, "a db");
    let pairs = [("a", "&"), ("b", "c=d")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(url.query, pairs);
}

#[test]
fn takes_raw_characters_in_a_password_where_they_are_unambiguous() {
    let password = |text: &str| StoreUrl::parse(text).unwrap().password.unwrap();
    assert_eq!(password("redis://:a@b:c@host/0"), "a@b:c");
    assert_eq!(password("redis://:100%@host/0"), "100%");
    assert_eq!(password("redis://:pässwörd x@host/0"), "pässwörd x");
    assert_eq!(password("redis://:a+b&c=d,e@host/0"), "a+b&c=d,e");
}

#[test]
fn has_no_user_or_password_where_they_are_empty() {
    for text in ["redis://host", "redis://@host", "redis://:@host"] {
        let url = StoreUrl::parse(text).unwrap();
        assert_eq!((url.user, url.password), (None, None), "{text}");
        assert_eq!(url.hosts, [host("host", None)], "{text}");
    }
}

#[test]
fn trims_what_a_file_or_a_variable_adds() {
    for text in ["  redis://host/0\r\n", "\tredis://host/0 ", "\nredis://host/0\n\n"] {
        let url = StoreUrl::parse(text).unwrap();
        assert_eq!((url.scheme.as_str(), url.path.as_str()), ("redis", "0"), "{text:?}");
    }
}

#[test]
fn refuses_a_control_character_inside() {
    for text in ["redis://ho\nst/0", "redis://host\r/0", "redis://:a\tb@host", "redis://:%00@host"]
    {
        assert_eq!(error(text), UrlError::ControlCharacter, "{text:?}");
    }
    // In a password that was encoded it may be meant.
    let url = StoreUrl::parse("redis://:a%0Ab@host").unwrap();
    assert_eq!(url.password.as_deref(), Some("a\nb"));
}

#[test]
fn reads_hosts_of_all_kinds() {
    let hosts = |text: &str| StoreUrl::parse(text).unwrap().hosts;
    assert_eq!(hosts("postgres://[::1]/db"), [host("::1", None)]);
    assert_eq!(hosts("postgres://[fe80::1]:5433/db"), [host("fe80::1", Some(5433))]);
    assert_eq!(
        hosts("postgres://user@one,two:5433,[::1]:1/db"),
        [host("one", None), host("two", Some(5433)), host("::1", Some(1))]
    );
    assert_eq!(
        hosts("postgres://%2Fvar%2Frun%2Fpostgresql/db"),
        [host("/var/run/postgresql", None)]
    );
    assert_eq!(hosts("postgres:///db"), []);
    assert_eq!(hosts("postgres://"), []);
}

#[test]
fn refuses_a_port_that_is_none() {
    for text in [
        "redis://host:",
        "redis://host:0",
        "redis://host:65536",
        "redis://host:a",
        "redis://host:1:2",
        "redis://::1",
        "redis://[::1]1",
        "redis://[::1]:x",
        "redis://user:password",
    ] {
        assert_eq!(error(text), UrlError::Port, "{text}");
    }
}

#[test]
fn refuses_a_port_without_a_host() {
    for text in ["redis://:6379", "redis://:password@:6379/0", "redis://host,:1", "redis://[]:1"] {
        assert_eq!(error(text), UrlError::NoHost, "{text}");
    }
}

#[test]
fn refuses_what_is_cut_in_the_midst_of_a_password() {
    for text in
        ["redis://:a/b@host", "redis://:a?b@host", "redis://:a#b@host", "redis://host/0?a=@"]
    {
        assert_eq!(error(text), UrlError::LateAt, "{text}");
    }
    assert_eq!(error("redis://host/0#insecure"), UrlError::Fragment);
    assert_eq!(error("postgres://host/db?password=a&b"), UrlError::NoValue);
}

#[test]
fn refuses_what_is_not_the_url_of_a_store() {
    for text in ["", "  ", "\r\n"] {
        assert_eq!(error(text), UrlError::Empty, "{text:?}");
    }
    for text in ["postgres", "postgres:host/db", "postgres:/host/db", "host=one password=a"] {
        assert_eq!(error(text), UrlError::UnknownScheme, "{text}");
    }
    assert_eq!(error("redis://:%FF@host"), UrlError::Encoding);
}

#[test]
fn shows_no_more_of_a_parameter_than_a_name() {
    let shown = |name: &str| UrlError::parameter(name).to_string();
    assert_eq!(
        shown("connect_timeout"),
        "`connect_timeout` in the URL is not supported; remove it"
    );
    for strange in ["", "a value", "a\nvalue", "a:b", "ü", &"a".repeat(41)] {
        assert_eq!(shown(strange), "a parameter in the URL is not supported; remove it");
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn reads_the_path_of_a_file() {
    for (text, path) in [
        ("sqlite://topper.db", "topper.db"),
        ("  sqlite://topper.db\r\n", "topper.db"),
        ("sqlite:topper.db", "topper.db"),
        ("sqlite:///var/lib/a%20b.db", "/var/lib/a b.db"),
        ("sqlite://a#b@c:d.db", "a#b@c:d.db"),
        ("sqlite://?mode=rwc", ""),
        ("sqlite:", ""),
    ] {
        assert_eq!(file(text).unwrap().0, path, "{text:?}");
    }
    for text in ["sqlite://a\nb.db", "sqlite://a%0Ab.db", "sqlite://a%00.db"] {
        assert_eq!(file(text).unwrap_err(), UrlError::ControlCharacter, "{text:?}");
    }
    let (_, query) = file("sqlite://a.db?mode=rw&x=%26").unwrap();
    assert_eq!(query, [("mode", "rw"), ("x", "&")].map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn says_which_feature_a_scheme_needs() {
    for (scheme, feature) in [
        ("sqlite", "sqlite"),
        ("postgres", "postgres"),
        ("postgresql", "postgres"),
        ("redis", "redis"),
        ("rediss", "redis"),
        ("redis+sentinel", "redis"),
        ("rediss+sentinel", "redis"),
    ] {
        assert_eq!(UrlError::scheme(scheme), UrlError::MissingFeature(feature, feature));
    }
    assert_eq!(UrlError::scheme("mysql"), UrlError::UnknownScheme);
}
