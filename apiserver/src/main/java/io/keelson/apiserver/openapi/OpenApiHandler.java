package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.ResourceRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /openapi/v2}, one document about everything; {@code /openapi/v3}, the index; and {@code /openapi/v3/…}, a
 * document for each group and version. A document of v3 that is asked for with its hash may be kept for ever; one that is
 * asked for with another hash is told the right one.
 */
public final class OpenApiHandler implements Handler {
    private static final Logger log = LoggerFactory.getLogger(OpenApiHandler.class);
    private static final String V2 = "/openapi/v2";
    private static final String V3 = "/openapi/v3";
    private static final Duration FOR_EVER = Duration.ofDays(365);
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private final ResourceRegistry registry;
    private final String version;
    private final InstantSource clock;
    private final AggregatedDocuments aggregated;
    private volatile Edition edition;
    private volatile @Nullable Whole whole;

    /** The document of v2 about everything, what others serve included. */
    private record Whole(long number, long others, Document document) {}

    /** @param version of Kubernetes, as it stands in the documents */
    public OpenApiHandler(ResourceRegistry registry, String version, InstantSource clock) {
        this(registry, version, clock, AggregatedDocuments.NONE);
    }

    /**
     * @param version of Kubernetes, as it stands in the documents
     * @param aggregated what others say of what they serve behind this server
     */
    public OpenApiHandler(
            ResourceRegistry registry, String version, InstantSource clock, AggregatedDocuments aggregated) {
        this.registry = registry;
        this.version = version;
        this.clock = clock;
        this.aggregated = aggregated;
        this.edition = new Edition(registry.current(), version, null);
    }

    private Document swagger() {
        Edition now = edition();
        long others = aggregated.number();
        List<ObjectNode> swaggers = aggregated.swaggers();
        if (swaggers.isEmpty()) {
            return now.swagger();
        }
        Whole made = whole;
        if (made == null || made.number() != now.number() || made.others() != others) {
            made = new Whole(now.number(), others, merged(now.swagger(), swaggers));
            whole = made;
        }
        return made.document();
    }

    private static Document merged(Document own, List<ObjectNode> others) {
        try {
            Document merged = own.with(others);
            merged.check();
            return merged;
        } catch (RuntimeException e) {
            // What another server says must not take away what this one does.
            log.warn("OpenAPI v2 of aggregated servers is left out, as it cannot be written", e);
            return own;
        }
    }

    private Edition edition() {
        Edition now = edition;
        ResourceRegistry.Snapshot snapshot = registry.current();
        if (now.number() != snapshot.number()) {
            now = new Edition(snapshot, version, now);
            edition = now;
        }
        return now;
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            throw ApiException.noSuchResource().withCode(405);
        }
        String path = request.info().path();
        if (path.equals(V2)) {
            return swagger().answer(request, Map.of("Cache-Control", "no-cache, private"));
        }
        if (path.equals(V3) || path.equals(V3 + "/")) {
            return index();
        }
        if (!path.startsWith(V3 + "/")) {
            throw ApiException.noSuchResource();
        }
        String name = path.substring(V3.length() + 1);
        Document document = edition().find(name);
        if (document == null) {
            ApiResponse other = aggregated.answer(request, name);
            if (other == null) {
                throw ApiException.noSuchResource();
            }
            return other;
        }
        String hash = request.query().text("hash");
        if (hash.isEmpty()) {
            return document.answer(request, Map.of("Cache-Control", "no-cache, private"));
        }
        if (!hash.equals(document.hash())) {
            return new ApiResponse.Whole(301, Map.of("Location", address(name, document)), List.of());
        }
        String expires = HTTP_DATE.format(clock.instant().plus(FOR_EVER).atOffset(ZoneOffset.UTC));
        return document.answer(request, Map.of("Cache-Control", "public, immutable", "Expires", expires));
    }

    private static String address(String name, Document document) {
        return V3 + "/" + name + "?hash=" + document.hash();
    }

    private ApiResponse index() {
        Edition now = edition();
        ObjectNode index = Json.object();
        ObjectNode paths = index.putObject("paths");
        for (String name : now.names()) {
            Document document = now.find(name);
            if (document != null) {
                paths.putObject(name).put("serverRelativeURL", address(name, document));
            }
        }
        aggregated.addresses().forEach((name, address) -> {
            if (!paths.has(name)) {
                paths.putObject(name).put("serverRelativeURL", address);
            }
        });
        return ApiResponse.of(200, "application/json", Json.encode(index));
    }
}
