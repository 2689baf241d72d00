package io.keelson.scheduler.devices.selectors;

import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import java.util.function.Function;

/** URLs: {@code url("https://example.com:80/a?b=c").getHost()}. */
final class UrlFunctions {
    private static final OpaqueType URL = OpaqueType.create("kubernetes.URL");

    private UrlFunctions() {}

    static void addTo(FunctionTable table) {
        table.type(URL, Url.class);
        table.global(
                "url", "string_to_url", URL, given -> FunctionTable.orFail(Url::parse, given[0]), SimpleType.STRING);
        table.global(
                "isURL",
                "is_url_string",
                SimpleType.BOOL,
                given -> FunctionTable.succeeds(Url::parse, given[0]),
                SimpleType.STRING);
        part(table, "getScheme", "url_get_scheme", Url::scheme);
        part(table, "getHost", "url_get_host", Url::host);
        part(table, "getHostname", "url_get_hostname", Url::hostname);
        part(table, "getPort", "url_get_port", Url::port);
        part(table, "getEscapedPath", "url_get_escaped_path", Url::path);
        table.member(
                "getQuery",
                "url_get_query",
                MapType.create(SimpleType.STRING, ListType.create(SimpleType.STRING)),
                given -> ((Url) given[0]).parameters(),
                URL);
    }

    private static void part(FunctionTable table, String name, String id, Function<Url, String> what) {
        table.member(name, id, SimpleType.STRING, given -> what.apply((Url) given[0]), URL);
    }
}
