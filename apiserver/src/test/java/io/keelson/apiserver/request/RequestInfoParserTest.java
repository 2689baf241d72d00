package io.keelson.apiserver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestInfoParserTest {
    private static RequestInfo parse(String method, String target) {
        RequestTarget parsed = RequestTarget.parse(target);
        return RequestInfoParser.parse(method, parsed.path(), parsed.query());
    }

    @ParameterizedTest
    @CsvSource({
        // method, target, verb, prefix, group, version, namespace, resource, subresource, name, rest
        "GET, /api/v1/namespaces, list, api, '', v1, '', namespaces, '', '', ''",
        "GET, /api/v1/namespaces/other, get, api, '', v1, other, namespaces, '', other, ''",
        "GET, /api/v1/namespaces/other/pods, list, api, '', v1, other, pods, '', '', ''",
        "GET, /api/v1/namespaces/other/pods/foo, get, api, '', v1, other, pods, '', foo, ''",
        "HEAD, /api/v1/namespaces/other/pods/foo, get, api, '', v1, other, pods, '', foo, ''",
        "GET, /api/v1/pods, list, api, '', v1, '', pods, '', '', ''",
        "HEAD, /api/v1/pods, list, api, '', v1, '', pods, '', '', ''",
        "GET, /api/v1/nodes/n1, get, api, '', v1, '', nodes, '', n1, ''",
        "GET, /api/v1/namespaces/other/pods?watch=true, watch, api, '', v1, other, pods, '', '', ''",
        "GET, /api/v1/namespaces/other/pods?watch=1, watch, api, '', v1, other, pods, '', '', ''",
        "GET, /api/v1/namespaces/other/pods?watch, watch, api, '', v1, other, pods, '', '', ''",
        "GET, /api/v1/namespaces/other/pods?watch=0, list, api, '', v1, other, pods, '', '', ''",
        "GET, /api/v1/namespaces/other/pods?watch=False, list, api, '', v1, other, pods, '', '', ''",
        "GET, /api/v1/namespaces/other/pods/foo?watch=true, get, api, '', v1, other, pods, '', foo, ''",
        "GET, /api/v1/watch/pods, watch, api, '', v1, '', pods, '', '', ''",
        "GET, /api/v1/watch/namespaces/other/pods, watch, api, '', v1, other, pods, '', '', ''",
        "GET, /api/v1/watch/namespaces/other/pods/foo, watch, api, '', v1, other, pods, '', foo, ''",
        "GET, /api/v1/proxy/namespaces/other/pods/foo/a/b, proxy, api, '', v1, other, pods, '', foo, /a/b",
        "POST, /api/v1/namespaces/other/pods, create, api, '', v1, other, pods, '', '', ''",
        "PUT, /api/v1/namespaces/other/pods/foo, update, api, '', v1, other, pods, '', foo, ''",
        "PATCH, /api/v1/namespaces/other/pods/foo, patch, api, '', v1, other, pods, '', foo, ''",
        "DELETE, /api/v1/namespaces/other/pods/foo, delete, api, '', v1, other, pods, '', foo, ''",
        "DELETE, /api/v1/namespaces/other/pods, deletecollection, api, '', v1, other, pods, '', '', ''",
        "DELETE, /api/v1/nodes, deletecollection, api, '', v1, '', nodes, '', '', ''",
        "OPTIONS, /api/v1/pods, '', api, '', v1, '', pods, '', '', ''",
        "PUT, /api/v1/namespaces/other/status, update, api, '', v1, other, namespaces, status, other, ''",
        "PUT, /api/v1/namespaces/other/finalize, update, api, '', v1, other, namespaces, finalize, other, ''",
        "GET, /api/v1/namespaces/other/finalizers, list, api, '', v1, other, finalizers, '', '', ''",
        "GET, /api/v1/namespaces/other/pods/foo/log, get, api, '', v1, other, pods, log, foo, ''",
        "GET, /api/v1/namespaces/n/services/https:web:443/proxy/a/b/, get, api, '', v1, n, services, proxy, https:web:443, /a/b/",
        "GET, /api/v1/namespaces/n/services/web/proxy/, get, api, '', v1, n, services, proxy, web, /",
        "GET, /api/v1/namespaces/n/services/web/proxy, get, api, '', v1, n, services, proxy, web, ''",
        "POST, /api/v1/nodes/n1/proxy/run?x=1, create, api, '', v1, '', nodes, proxy, n1, /run",
        "GET, /apis/apps/v1/deployments, list, apis, apps, v1, '', deployments, '', '', ''",
        "PATCH, /apis/apps/v1/namespaces/n/deployments/web/scale, patch, apis, apps, v1, n, deployments, scale, web, ''",
        "GET, /apis/example.com/v1/namespaces/n/things/a, get, apis, example.com, v1, n, things, '', a, ''",
        "GET, /api/v1/pods/, list, api, '', v1, '', pods, '', '', ''",
        "GET, //api/v1/pods, list, api, '', v1, '', pods, '', '', ''",
    })
    void readsPathsOfResources(
            String method,
            String target,
            String verb,
            String prefix,
            String group,
            String version,
            String namespace,
            String resource,
            String subresource,
            String name,
            String rest) {
        RequestInfo expected = new RequestInfo(
                RequestTarget.parse(target).path(),
                verb,
                true,
                prefix,
                group,
                version,
                namespace,
                resource,
                subresource,
                name,
                rest);
        assertEquals(expected, parse(method, target));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, get, ''",
        "GET, /healthz, get, ''",
        "POST, /healthz/ping, post, ''",
        "GET, /api, get, ''",
        "GET, /api/v1, get, ''",
        "GET, /apis, get, ''",
        "GET, /apis/apps, get, ''",
        "GET, /apis/apps/v1, get, apis",
        "GET, /version/api/v1/pods, get, ''",
        "OPTIONS, *, options, ''",
    })
    void leavesOtherPathsAlone(String method, String target, String verb, String prefix) {
        assertEquals(new RequestInfo(target, verb, false, prefix, "", "", "", "", "", "", ""), parse(method, target));
    }

    @ParameterizedTest
    @CsvSource({
        "metadata.name=foo, list, foo",
        "metadata.name%3D%3Dfoo, list, foo",
        "'a=b,metadata.name=foo', list, foo",
        "metadata.name!=foo, list, ''",
        "metadata.namespace=foo, list, ''",
        "metadata.name=a/b, list, ''",
        "metadata.name=.., list, ''",
        "'metadata.name=foo,rubbish', list, ''",
    })
    void takesTheNameFromAFieldSelector(String selector, String verb, String name) {
        RequestInfo info = parse("GET", "/api/v1/namespaces/n/pods?fieldSelector=" + selector);
        assertEquals(verb, info.verb());
        assertEquals(name, info.name());
    }

    @Test
    void readsAWatchOfOneObjectBySelector() {
        RequestInfo info = parse("GET", "/api/v1/pods?fieldSelector=metadata.name%3Dfoo&watch=true");
        assertEquals("watch", info.verb());
        assertEquals("foo", info.name());
    }

    @Test
    void refusesAPathThatEndsWithAVerb() {
        ApiException e = assertThrows(ApiException.class, () -> parse("GET", "/api/v1/watch"));
        assertEquals(500, e.code());
        assertTrue(e.message().contains("unable to determine kind and namespace from url"));
    }

    @Test
    void readsTargetsOfAllForms() {
        assertEquals("/a b", RequestTarget.parse("/a%20b?x").path());
        assertEquals("/a/b", RequestTarget.parse("http://host:1/a/b?x").path());
        assertEquals("/", RequestTarget.parse("https://host?x=1").path());
        assertEquals("1", RequestTarget.parse("https://host?x=1").query().text("x"));
        for (String bad : new String[] {"", "a", "host:443", "/%", "/%zz", "ftp://host/"}) {
            assertEquals(
                    400,
                    assertThrows(ApiException.class, () -> RequestTarget.parse(bad))
                            .code());
        }
    }

    @Test
    void readsQueriesAsTheApiDoes() {
        Query query = QueryParser.parse("a=1&a=2&b&c=%41+x&d=%zz&e=1;f=2&&g==h&%C3%BC=%E2%82%AC");
        assertEquals(List.of("1", "2"), query.all("a"));
        assertTrue(query.flag("b"));
        assertEquals("A x", query.text("c"));
        assertEquals(null, query.first("d"));
        assertEquals(null, query.first("e"));
        assertEquals("=h", query.text("g"));
        assertEquals("€", query.text("ü"));
        String many = "a&".repeat(QueryParser.PAIRS_MAX + 1);
        assertThrows(ApiException.class, () -> QueryParser.parse(many));
    }
}
