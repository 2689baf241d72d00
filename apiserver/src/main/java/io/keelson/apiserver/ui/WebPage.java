package io.keelson.apiserver.ui;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files of the page below {@code /ui/} to anybody; stands before it is found out who asks. Only the files that are
 * named here are there, whatever a path says.
 *
 * <p>The page may load nothing from elsewhere, may not be shown inside another page, and makes no markup from texts: its
 * policy tells the browser to see to that, too.
 */
public final class WebPage implements Filter {
    /** Where the page is. */
    public static final String PATH = "/ui/";

    private static final String BARE = "/ui";
    private static final String FIRST = "index.html";

    static final List<String> NAMES = List.of(
            FIRST,
            "style.css",
            "icon.svg",
            "main.js",
            "api.js",
            "dom.js",
            "text.js",
            "follow.js",
            "grid.js",
            "lists.js",
            "pod.js",
            "log.js",
            "events.js",
            "deployment.js",
            "store.js",
            "past.js",
            "changes.js",
            "restore.js",
            "timebar.js");

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                    + " require-trusted-types-for 'script'; trusted-types 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            // Kept, and asked for again: a server of another version has other files.
            "Cache-Control",
            "no-cache");

    /** Read when the first one asks, once for all servers of the process. */
    private static final class Files {
        static final Map<String, PageFile> BY_NAME = read();

        private static Map<String, PageFile> read() {
            Map<String, PageFile> files = new HashMap<>();
            NAMES.forEach(name -> files.put(name, PageFile.read(name)));
            return Map.copyOf(files);
        }
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        String path = request.info().path();
        if (!path.equals(BARE) && !path.startsWith(PATH)) {
            return next.handle(request);
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return text(405, "only GET and HEAD are for this page", Map.of("Allow", "GET, HEAD"));
        }
        if (path.equals(BARE)) {
            // Relative, so that it is right behind a proxy that puts something before the path.
            return text(302, "the page is at " + PATH, Map.of("Location", "ui/"));
        }
        String name = path.substring(PATH.length());
        PageFile file = Files.BY_NAME.get(name.isEmpty() ? FIRST : name);
        if (file == null) {
            return text(404, "there is no such file of the page", Map.of());
        }
        return has(request.headers().first("If-None-Match"), file.tag())
                ? answer(304, Map.of("ETag", file.tag()), List.of())
                : answer(
                        200,
                        Map.of("ETag", file.tag(), "Content-Type", file.contentType()),
                        List.of(file.content().duplicate()));
    }

    /** Whether a list of tags, some of them perhaps weak, has one. */
    private static boolean has(@Nullable String tags, String tag) {
        if (tags == null) {
            return false;
        }
        for (String one : tags.split(",", -1)) {
            String known = one.strip();
            if (known.equals("*") || known.equals(tag) || known.equals("W/" + tag)) {
                return true;
            }
        }
        return false;
    }

    private static ApiResponse text(int status, String text, Map<String, String> more) {
        Map<String, String> headers = new LinkedHashMap<>(more);
        headers.put("Content-Type", "text/plain; charset=utf-8");
        return answer(status, headers, List.of(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8))));
    }

    private static ApiResponse answer(int status, Map<String, String> more, List<ByteBuffer> parts) {
        Map<String, String> headers = new LinkedHashMap<>(HEADERS);
        headers.putAll(more);
        return new ApiResponse.Whole(status, headers, parts);
    }
}
