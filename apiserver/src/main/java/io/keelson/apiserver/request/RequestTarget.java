package io.keelson.apiserver.request;

import io.keelson.apiserver.errors.ApiException;

/**
 * Where a request goes.
 *
 * @param path without escapes; begins with a slash, or is a single asterisk
 */
public record RequestTarget(String path, Query query) {
    /**
     * Reads the target of a request line (RFC 9112, 3.2): a path with a query, the same behind a scheme and a host, or an
     * asterisk.
     *
     * @throws ApiException BadRequest if it is none of these, or an escape in the path is broken
     */
    public static RequestTarget parse(String target) {
        if (target.equals("*")) {
            return new RequestTarget("*", Query.NONE);
        }
        String pathAndQuery = target.startsWith("/") ? target : withoutOrigin(target);
        int question = pathAndQuery.indexOf('?');
        String rawPath = question < 0 ? pathAndQuery : pathAndQuery.substring(0, question);
        String path = Percent.decode(rawPath, false);
        if (path == null) {
            throw ApiException.badRequest("the path of the request has a broken percent escape");
        }
        return new RequestTarget(
                path, question < 0 ? Query.NONE : QueryParser.parse(pathAndQuery.substring(question + 1)));
    }

    private static String withoutOrigin(String target) {
        int scheme = target.indexOf("://");
        if (scheme <= 0 || !isScheme(target.substring(0, scheme))) {
            throw ApiException.badRequest("the target of the request is neither a path nor a URL");
        }
        for (int i = scheme + 3; i < target.length(); i++) {
            char next = target.charAt(i);
            if (next == '/') {
                return target.substring(i);
            }
            if (next == '?') {
                return "/" + target.substring(i);
            }
        }
        return "/";
    }

    private static boolean isScheme(String text) {
        return text.equalsIgnoreCase("http") || text.equalsIgnoreCase("https");
    }
}
