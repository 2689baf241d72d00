package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.STRING;

import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;

/** URLs: {@code url("https://example.com:80/a?b=c").getHost()}. */
public final class UrlFunctions {
    private static final OpaqueType URL = OpaqueType.create("kubernetes.URL");

    private UrlFunctions() {}

    public static FunctionSet set() {
        return new FunctionSet()
                .type(URL, Url.class)
                .global("url", "string_to_url", Cost.FIRST, given -> Url.parse((String) given[0]), URL, STRING)
                .global("isURL", "is_url_string", Cost.FIRST, given -> isUrl((String) given[0]), BOOL, STRING)
                .member(
                        "getScheme",
                        "url_get_scheme",
                        Cost.ONE,
                        given -> of(given[0]).scheme(),
                        STRING,
                        URL)
                .member(
                        "getHost",
                        "url_get_host",
                        Cost.ONE,
                        given -> of(given[0]).host(),
                        STRING,
                        URL)
                .member(
                        "getHostname",
                        "url_get_hostname",
                        Cost.ONE,
                        given -> of(given[0]).hostname(),
                        STRING,
                        URL)
                .member(
                        "getPort",
                        "url_get_port",
                        Cost.ONE,
                        given -> of(given[0]).port(),
                        STRING,
                        URL)
                .member(
                        "getEscapedPath",
                        "url_get_escaped_path",
                        Cost.ONE,
                        given -> of(given[0]).path(),
                        STRING,
                        URL)
                .member(
                        "getQuery",
                        "url_get_query",
                        Cost.FIRST,
                        given -> of(given[0]).parameters(),
                        MapType.create(STRING, ListType.create(STRING)),
                        URL);
    }

    private static Url of(Object value) {
        return (Url) value;
    }

    private static Object isUrl(String text) {
        try {
            Url.parse(text);
            return true;
        } catch (FunctionFailure e) {
            return false;
        }
    }
}
