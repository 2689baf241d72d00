package io.keelson.apiserver.request;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.MalformedException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out from method, path and query what a request asks for. Paths of resources are
 *
 * <pre>
 * /api/VERSION                /RESOURCE[/NAME[/SUBRESOURCE[/REST]]]
 * /api/VERSION                /namespaces/NAMESPACE/RESOURCE[/NAME[/SUBRESOURCE[/REST]]]
 * /api/VERSION                /namespaces/NAME[/status|/finalize]
 * /apis/GROUP/VERSION         … the same
 * /api/VERSION/watch          … the same: the verb is in the path, as in the API's first years
 * /api/VERSION/proxy          … the same, without subresources: all that follows the name is the rest
 * </pre>
 *
 * Everything else ({@code /healthz}, {@code /api}, {@code /apis/apps/v1}) is no request for a resource, and its verb is
 * the HTTP method.
 */
public final class RequestInfoParser {
    private static final Set<String> VERBS_IN_PATH = Set.of("proxy", "watch");
    private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");

    private RequestInfoParser() {}

    /**
     * @param method in upper case
     * @param path decoded
     * @throws ApiException InternalError, as the API has it, for a path that ends with a verb
     */
    public static RequestInfo parse(String method, String path, Query query) {
        List<String> segments = segments(path);
        String prefix = segments.isEmpty() ? "" : segments.getFirst();
        boolean core = prefix.equals("api");
        int begin = core ? 2 : 3;
        boolean api = core || prefix.equals("apis");
        if (!api || segments.size() <= begin) {
            return notAboutResource(method, path, prefix.equals("apis") && segments.size() == 3 ? prefix : "");
        }
        String group = core ? "" : segments.get(1);
        String version = segments.get(begin - 1);

        String verb = verbOf(method);
        boolean verbInPath = VERBS_IN_PATH.contains(segments.get(begin));
        if (verbInPath) {
            if (segments.size() == begin + 1) {
                throw ApiException.internal(
                        "failed to create RequestInfo: unable to determine kind and namespace from url, " + path, null);
            }
            verb = segments.get(begin++);
        }

        String namespace = "";
        if (segments.get(begin).equals("namespaces") && segments.size() > begin + 1) {
            namespace = segments.get(begin + 1);
            if (segments.size() > begin + 2 && !NAMESPACE_SUBRESOURCES.contains(segments.get(begin + 2))) {
                begin += 2;
            }
        }

        List<String> parts = segments.subList(begin, segments.size());
        String resource = parts.getFirst();
        String name = parts.size() > 1 ? parts.get(1) : "";
        boolean subresources = !verb.equals("proxy");
        String subresource = subresources && parts.size() > 2 ? parts.get(2) : "";
        String rest = rest(path, parts, subresources ? 3 : 2);

        if (name.isEmpty() && verb.equals("get")) {
            verb = query.flag("watch") ? "watch" : "list";
            String only = exactName(query.text("fieldSelector"));
            if (only != null && isPathSegment(only)) {
                name = only;
            }
        }
        if (name.isEmpty() && verb.equals("delete")) {
            verb = "deletecollection";
        }
        return new RequestInfo(path, verb, true, prefix, group, version, namespace, resource, subresource, name, rest);
    }

    /** Whether the path of a request for a resource begins with a verb, behind the version. */
    static boolean hasVerbInPath(String path) {
        List<String> segments = segments(path);
        int begin = segments.getFirst().equals("api") ? 2 : 3;
        return segments.size() > begin && VERBS_IN_PATH.contains(segments.get(begin));
    }

    private static RequestInfo notAboutResource(String method, String path, String prefix) {
        return new RequestInfo(path, method.toLowerCase(Locale.ROOT), false, prefix, "", "", "", "", "", "", "");
    }

    private static String verbOf(String method) {
        return switch (method) {
            case "POST" -> "create";
            case "GET", "HEAD" -> "get";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "";
        };
    }

    /** What lies behind the parts that mean something, with a slash before it and, if the path has one, after it. */
    private static String rest(String path, List<String> parts, int meaningful) {
        String rest = parts.size() > meaningful ? "/" + String.join("/", parts.subList(meaningful, parts.size())) : "";
        boolean reached = parts.size() >= meaningful;
        return reached && path.endsWith("/") && !rest.endsWith("/") ? rest + "/" : rest;
    }

    private static List<String> segments(String path) {
        int begin = 0;
        int end = path.length();
        while (begin < end && path.charAt(begin) == '/') {
            begin++;
        }
        while (end > begin && path.charAt(end - 1) == '/') {
            end--;
        }
        return begin == end ? List.of() : List.of(path.substring(begin, end).split("/", -1));
    }

    private static boolean isPathSegment(String name) {
        return !name.equals(".") && !name.equals("..") && name.indexOf('/') < 0 && name.indexOf('%') < 0;
    }

    /** The one name that a field selector lets through; null if it lets through more, or is none. */
    private static @Nullable String exactName(String selector) {
        try {
            return FieldSelector.parse(selector).required("metadata.name");
        } catch (MalformedException e) {
            return null; // Whoever lists says what is wrong with it.
        }
    }
}
