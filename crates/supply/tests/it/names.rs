//! Package URLs and CPE names: what is read, what is refused, and which texts name one package.

use proptest::prelude::*;
use supply::name::cpe::{Cpe, CpeError, Value};
use supply::name::{Package, Purl, PurlError};

#[test]
fn package_urls_have_one_canonical_text() {
    for (text, canonical) in [
        (
            "pkg:npm/%40angular/core@12.0.0",
            "pkg:npm/%40angular/core@12.0.0",
        ),
        (
            "pkg:npm/@angular/core@12.0.0",
            "pkg:npm/%40angular/core@12.0.0",
        ),
        ("pkg:npm/@angular/core", "pkg:npm/%40angular/core"),
        (
            "PKG://Golang/github.com/A/b@v1.0.0#/sub/./x/",
            "pkg:golang/github.com/A/b@v1.0.0#sub/x",
        ),
        ("pkg:generic/a//b/c@1", "pkg:generic/a/b/c@1"),
        (
            "pkg:deb/debian/x@1:2~3?Arch=amd64&distro=&b=1",
            "pkg:deb/debian/x@1:2~3?arch=amd64&b=1",
        ),
        (
            "pkg:generic/o@1?checksum=sha1:ab%2Csha256:cd",
            "pkg:generic/o@1?checksum=sha1:ab%2Csha256:cd",
        ),
        ("pkg:maven/g/a@1.0%2Bx", "pkg:maven/g/a@1.0%2Bx"),
        ("pkg:generic/a@", "pkg:generic/a"),
    ] {
        let purl = Purl::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(purl.to_string(), canonical);
    }
}

#[test]
fn wrong_package_urls_say_what_is_wrong() {
    for (text, error) in [
        ("EnterpriseLibrary.Common@6.0.1304", PurlError::Scheme),
        ("pkg%3Amaven/a/b", PurlError::Scheme),
        ("pkg:EnterpriseLibrary.Common@6.0.1304", PurlError::Name),
        ("pkg:n&g?inx/nginx@0.8.9", PurlError::Name),
        ("pkg:3nginx/nginx@0.8.9", PurlError::Kind),
        ("pkg:nginx:a/nginx@0.8.9", PurlError::Kind),
        ("pkg:npm/a@1?in%20production=true", PurlError::Qualifier),
        ("pkg:npm/a@1?x=1&X=2", PurlError::Qualifier),
        ("pkg:npm/a@1?x", PurlError::Qualifier),
        ("pkg:maven/@1.3.4", PurlError::Name),
        ("pkg:npm/", PurlError::Name),
        ("pkg:npm/a%2", PurlError::Escape),
        ("pkg:npm/a%ff", PurlError::Escape),
        ("pk", PurlError::Scheme),
        ("包:npm/a", PurlError::Scheme),
    ] {
        assert_eq!(Purl::parse(text), Err(error), "{text}");
    }
    let long = format!("pkg:npm/{}", "a".repeat(8192));
    assert_eq!(Purl::parse(&long), Err(PurlError::TooLong));
}

fn package(text: &str) -> Package {
    Purl::parse(text).unwrap().package()
}

#[test]
fn names_fold_only_where_their_ecosystem_does() {
    for (a, b) in [
        (
            "pkg:pypi/My.PyPI_.--._Package@1",
            "pkg:pypi/my-pypi-package",
        ),
        ("pkg:nuget/Newtonsoft.Json", "pkg:nuget/newtonsoft.json"),
        ("pkg:composer/Symfony/Http", "pkg:composer/symfony/http"),
        ("pkg:pub/a-b", "pkg:pub/a_b"),
        (
            "pkg:deb/debian/x?distro=bookworm",
            "pkg:deb/Debian/X@3?distro=debian-12.5",
        ),
        (
            "pkg:rpm/rhel/x?distro=rhel-9.4",
            "pkg:rpm/redhat/x?distro=el9",
        ),
        (
            "pkg:apk/alpine/x?distro=3.18.4",
            "pkg:apk/alpine/x?distro=alpine-3.18",
        ),
        (
            "pkg:rpm/openEuler/x?distro=openEuler-22.03-LTS",
            "pkg:rpm/openeuler/x?distro=22.03-lts",
        ),
    ] {
        assert_eq!(package(a), package(b), "{a} {b}");
        assert_eq!(package(a).key(), package(b).key());
    }
    for (a, b) in [
        (
            "pkg:golang/github.com/BurntSushi/toml",
            "pkg:golang/github.com/burntsushi/toml",
        ),
        ("pkg:npm/JSONStream", "pkg:npm/jsonstream"),
        ("pkg:maven/org.A/b", "pkg:maven/org.a/b"),
        ("pkg:cargo/a-b", "pkg:cargo/a_b"),
        ("pkg:npm/a/b", "pkg:npm/a%00b"),
        (
            "pkg:deb/debian/x?distro=debian-11",
            "pkg:deb/debian/x?distro=debian-12",
        ),
        (
            "pkg:deb/debian/x?distro=bookworm",
            "pkg:deb/ubuntu/x?distro=jammy",
        ),
        ("pkg:deb/debian/x", "pkg:deb/debian/x?distro=bookworm"),
    ] {
        assert_ne!(package(a).key(), package(b).key(), "{a} {b}");
    }
}

#[test]
fn records_and_package_urls_meet() {
    for (ecosystem, name, purl) in [
        ("npm", "@angular/core", "pkg:npm/%40angular/core@1"),
        ("PyPI", "Django_X", "pkg:pypi/django-x"),
        (
            "Go",
            "github.com/A/b/v2",
            "pkg:golang/github.com/A/b/v2@v2.0.0",
        ),
        ("Go", "stdlib", "pkg:golang/stdlib@1.21.0"),
        ("Maven", "org.apache:log4j", "pkg:maven/org.apache/log4j"),
        ("crates.io", "serde", "pkg:cargo/serde"),
        ("Packagist", "symfony/http", "pkg:composer/symfony/http"),
        (
            "Debian:12",
            "openssl",
            "pkg:deb/debian/openssl@1?distro=debian-12",
        ),
        (
            "Ubuntu:22.04:LTS",
            "curl",
            "pkg:deb/ubuntu/curl?distro=jammy",
        ),
        (
            "Ubuntu:Pro:18.04:LTS",
            "curl",
            "pkg:deb/ubuntu/curl?distro=ubuntu-18.04",
        ),
        (
            "Alpine:v3.18",
            "busybox",
            "pkg:apk/alpine/busybox?distro=alpine-3.18.4",
        ),
        ("Rocky Linux:9", "vim", "pkg:rpm/rocky/vim?distro=rocky-9.3"),
        (
            "Red Hat:enterprise_linux:9::baseos",
            "vim",
            "pkg:rpm/redhat/vim?distro=rhel-9",
        ),
        (
            "openSUSE:Leap 15.5",
            "vim",
            "pkg:rpm/opensuse/vim?distro=opensuse-leap-15.5",
        ),
        ("Wolfi", "curl", "pkg:apk/wolfi/curl?distro=wolfi-20230201"),
    ] {
        let record = Package::from_osv(ecosystem, name).unwrap();
        assert_eq!(record, package(purl), "{ecosystem} {name}");
        assert!(!record.lacks_release(), "{ecosystem}");
        assert!(record.scheme().is_some());
    }
    for unknown in ["GIT", "OSS-Fuzz", "Android", "Linux", ""] {
        assert_eq!(Package::from_osv(unknown, "x"), None, "{unknown}");
    }
    assert!(package("pkg:deb/debian/x").lacks_release());
    assert!(package("pkg:deb/debian/x?distro=ubuntu-22.04").lacks_release());
    assert!(!package("pkg:npm/x").lacks_release());
    assert_eq!(package("pkg:generic/x").scheme(), None);
    assert_eq!(Purl::parse("pkg:alpine/x").unwrap().scheme(), None);
}

#[test]
fn epoch_is_one_value_wherever_it_is_written() {
    for text in [
        "pkg:rpm/redhat/x@2:9.0-1",
        "pkg:rpm/redhat/x@9.0-1?epoch=2",
        "pkg:rpm/redhat/x@2%3A9.0-1?epoch=2",
    ] {
        let purl = Purl::parse(text).unwrap();
        assert_eq!(purl.version_text().as_deref(), Some("2:9.0-1"), "{text}");
    }
}

#[test]
fn a_binary_package_knows_its_source() {
    for (text, name, version) in [
        (
            "pkg:deb/debian/libssl3@3.0-1?upstream=openssl&distro=12",
            "openssl",
            None,
        ),
        ("pkg:deb/debian/x@1+b2?upstream=y@1", "y", Some("1")),
        (
            "pkg:rpm/redhat/x@1?upstream=glib-2-2.0-1.el9.src.rpm",
            "glib-2",
            Some("2.0-1.el9"),
        ),
    ] {
        let purl = Purl::parse(text).unwrap();
        let (source, found) = purl.source().unwrap();
        assert_eq!((source.name.as_str(), found.as_deref()), (name, version));
        assert_eq!(source.release, purl.package().release);
    }
    assert_eq!(Purl::parse("pkg:npm/x?upstream=y").unwrap().source(), None);
}

#[test]
fn cpe_names() {
    let cpe = Cpe::parse(r"cpe:2.3:a:Apache:http\:server\\x:2.4.1:rc1:*:*:*:*:*:*").unwrap();
    assert_eq!(cpe.vendor.text(), Some("apache"));
    assert_eq!(cpe.product.text(), Some(r"http:server\x"));
    assert_eq!(cpe.version_text().as_deref(), Some("2.4.1-rc1"));
    assert_eq!(
        cpe.to_string(),
        r"cpe:2.3:a:apache:http\:server\\x:2.4.1:rc1:*:*:*:*:*:*"
    );
    let uri = Cpe::parse("cpe:/o:microsoft:windows_10:1607").unwrap();
    let formatted = Cpe::parse("cpe:2.3:o:microsoft:windows_10:1607:*:*:*:*:*:*:*").unwrap();
    assert_eq!(uri, formatted);
    assert_eq!(uri.product_key(), formatted.product_key());
    // ANY, NA and patterns name nothing.
    for text in [
        "cpe:2.3:a:*:x:1:*:*:*:*:*:*:*",
        "cpe:2.3:a:v:-:1:*:*:*:*:*:*:*",
        "cpe:2.3:a:v:x*:1:*:*:*:*:*:*:*",
    ] {
        assert_eq!(Cpe::parse(text).unwrap().product_key(), None, "{text}");
    }
    for version in ["*", "-", "10.*"] {
        let text = format!("cpe:2.3:a:v:x:{version}:*:*:*:*:*:*:*");
        assert_eq!(Cpe::parse(&text).unwrap().version_text(), None, "{text}");
    }
    let escaped = Cpe::parse(r"cpe:2.3:a:v:x\*:1:*:*:*:*:*:*:*").unwrap();
    assert_eq!(escaped.product, Value::Text("x*".into()));
    for (text, error) in [
        ("cpe:2.3:a:v:x", CpeError::Attributes(3)),
        ("cpe:2.3:x:v:x:1:*:*:*:*:*:*:*", CpeError::Part),
        ("cpe:2.3:a::x:1:*:*:*:*:*:*:*", CpeError::Attribute(2)),
        (r"cpe:2.3:a:v:x:1:*:*:*:*:*:*:\", CpeError::Attribute(11)),
        ("cpe:/a:v:%zz", CpeError::Attribute(3)),
        ("cpe:/a:b:c:d:e:f:g:h", CpeError::Attributes(8)),
        ("CPE", CpeError::Prefix),
    ] {
        assert_eq!(Cpe::parse(text), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(pkg:|cpe:2\\.3:a:|cpe:/o:)?.{0,60}") {
        if let Ok(purl) = Purl::parse(&text) {
            let canonical = purl.to_string();
            let again = Purl::parse(&canonical).expect("canonical text");
            prop_assert_eq!(again.to_string(), canonical.clone());
            prop_assert_eq!(again.package(), purl.package());
            let _ = purl.source();
        }
        if let Ok(cpe) = Cpe::parse(&text) {
            let _ = cpe.product_key();
        }
    }

    #[test]
    fn purls_come_back(
        kind in "[a-z][a-z0-9]{0,5}",
        namespace in proptest::option::of("[^/\0]{1,6}(/[^/\0]{1,6})?"),
        name in "[^/]{1,8}",
        version in proptest::option::of(".{1,8}"),
        value in ".{1,8}",
    ) {
        let purl = Purl {
            kind: kind.into(),
            namespace: namespace.map(Into::into),
            name: name.into(),
            version: version.map(Into::into),
            qualifiers: vec![("k".into(), value.into())],
            subpath: None,
        };
        let text = purl.to_string();
        prop_assert_eq!(Purl::parse(&text), Ok(purl));
    }

    #[test]
    fn cpes_come_back(vendor in "[a-z0-9:*?.\\\\!_~-]{1,8}", version in "[a-z0-9.:-]{2,8}") {
        let text = Cpe {
            part: 'a',
            vendor: Value::Text(vendor.into()),
            product: Value::NotApplicable,
            version: Value::Text(version.into()),
            update: Value::Any,
            rest: [Value::Any, Value::Any, Value::Any, Value::Any, Value::Any, Value::Any],
        };
        let canonical = text.to_string();
        prop_assert_eq!(Cpe::parse(&canonical), Ok(text));
    }
}
