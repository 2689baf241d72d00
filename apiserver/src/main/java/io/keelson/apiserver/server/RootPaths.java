package io.keelson.apiserver.server;

import io.keelson.apiserver.debug.DebugHandler;
import io.keelson.apiserver.debug.StoreHandler;
import io.keelson.apiserver.discovery.DiscoveryHandler;
import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.health.HealthHandler;
import io.keelson.apiserver.metrics.MetricsHandler;
import io.keelson.apiserver.openapi.OpenApiHandler;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.zpages.Flagz;
import io.keelson.apiserver.zpages.ZPage;
import io.keelson.apiserver.zpages.ZPageHandler;
import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What is served besides resources: discovery, health, metrics, documents, pages. */
final class RootPaths {
    /** What lies here is in no list. */
    private static final String DEBUG = "/debug";

    private static final String INDEX = "/index.html";

    private RootPaths() {}

    /**
     * What answers, by the beginning of paths.
     *
     * @param address where clients elsewhere reach the server, as host and port; known once it serves
     */
    static Map<String, Handler> of(
            ServerContext context, Stations stations, Authentication authentication, Supplier<String> address) {
        Metrics slis = new Metrics();
        List<HealthHandler> healths = ServerHealth.handlers(context, stations, slis);
        Map<String, Handler> roots = new LinkedHashMap<>(stations.flow().documents());
        DiscoveryHandler discovery = new DiscoveryHandler(
                stations.shown().registry(), address, stations.aggregation().groups());
        roots.put("/api", discovery);
        roots.put("/apis", discovery);
        OpenApiHandler openApi = new OpenApiHandler(
                stations.shown().registry(),
                VersionDocument.KUBERNETES,
                context.clock(),
                stations.aggregation().documents());
        roots.put("/openapi/v2", openApi);
        roots.put("/openapi/v3", openApi);
        roots.put("/version", new VersionDocument());
        healths.forEach(handler -> roots.put(handler.path(), handler));
        MetricsSettings told = context.cluster().api().metrics();
        roots.put("/metrics", new MetricsHandler(context.metrics(), slis, told.disabled(), told.labels()));
        roots.put(
                StoreHandler.PATH, new StoreHandler(stations.storage().stores().members(), System::nanoTime));
        if (context.cluster().profiling()) {
            roots.put(DEBUG, new DebugHandler());
        }
        roots.putAll(authentication.documents(() -> "https://" + address.get()));
        Supplier<List<String>> listed = () -> listed(roots, discovery, healths);
        if (context.features().isOn(FeatureGates.FLAGZ)) {
            put(roots, Flagz.of(context.cluster().api().flags()));
        }
        if (context.features().isOn(FeatureGates.STATUSZ)) {
            put(roots, VersionDocument.status(context.begun(), listed, context.clock()));
        }
        PathIndex index = new PathIndex(listed);
        roots.put("/", index);
        roots.put(INDEX, index);
        return roots;
    }

    private static void put(Map<String, Handler> roots, ZPage page) {
        ZPageHandler handler = new ZPageHandler(page);
        roots.put(handler.path(), handler);
    }

    /** The paths at which there is something at present, without those for a look into the process, in no order. */
    private static List<String> listed(
            Map<String, Handler> roots, DiscoveryHandler discovery, List<HealthHandler> healths) {
        List<String> paths = new ArrayList<>(roots.keySet());
        paths.removeIf(path -> path.startsWith(DEBUG) || path.startsWith(INDEX));
        paths.remove("/");
        paths.addAll(discovery.paths());
        paths.add("/metrics/slis");
        paths.add("/openapi/v3/");
        healths.forEach(handler -> paths.addAll(handler.paths()));
        return paths;
    }
}
