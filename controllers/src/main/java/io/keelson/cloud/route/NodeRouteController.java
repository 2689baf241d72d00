package io.keelson.cloud.route;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.Route;
import io.keelson.cloud.Routes;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code node-route-controller}. All routes are looked at each period; what failed is tried again the next time. */
public final class NodeRouteController implements Controller {
    /** As {@code --controllers} has it. */
    public static final String NAME = "node-route-controller";

    private static final Logger LOG = LoggerFactory.getLogger(NodeRouteController.class);
    private static final int ASKED_AT_ONCE = 200;
    private static final int WRITTEN_AT_ONCE = 32;
    private static final String UNAVAILABLE = "NetworkUnavailable";

    private final Routes routes;
    private final NodeRouteSettings settings;
    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<Node> nodes;

    private NodeRouteController(Routes routes, NodeRouteSettings settings, Context context, Setup setup) {
        this.routes = routes;
        this.settings = settings;
        client = context.client();
        events = context.events().from("route_controller");
        time = context.time();
        nodes = setup.read(Node.class);
        setup.every(settings.period(), this::bring);
    }

    /** The controller for the routes of a provider. */
    public static ControllerDescriptor descriptor(Routes routes, NodeRouteSettings settings) {
        return new ControllerDescriptor(
                NAME, 1, (context, setup) -> new NodeRouteController(routes, settings, context, setup));
    }

    private void bring() throws InterruptedException {
        List<Route> known;
        try {
            known = routes.list(settings.cluster());
        } catch (CloudException e) {
            LOG.warn("Couldn't reconcile node routes: error listing routes: {}", e.getMessage());
            return;
        }
        List<Node> all = nodes.all();
        RoutePlan plan = RoutePlan.of(known, all, settings.clusterRanges());
        // First what is to go: a new route may be to the same place as an old one.
        warn(AtOnce.run(plan.deleted(), ASKED_AT_ONCE, route -> routes.delete(settings.cluster(), route)));
        Set<String> incomplete = ConcurrentHashMap.newKeySet();
        warn(AtOnce.run(plan.created(), ASKED_AT_ONCE, missing -> {
            if (!create(missing)) {
                incomplete.add(missing.node().getMetadata().getName());
            }
        }));
        Set<String> routed = known.stream().map(Route::node).collect(Collectors.toSet());
        warn(AtOnce.run(all, WRITTEN_AT_ONCE, node -> {
            String name = node.getMetadata().getName();
            boolean hasRanges = !RoutePlan.podRanges(node).isEmpty();
            // Of a node that has neither ranges nor routes nothing is said.
            if (hasRanges || routed.contains(name)) {
                condition(node, hasRanges && !incomplete.contains(name));
            }
        }));
    }

    private static void warn(List<RuntimeException> failures) {
        for (RuntimeException failure : failures) {
            if (failure instanceof CloudException || failure instanceof KubernetesClientException) {
                LOG.warn("{}: {}", NAME, Refusals.message(failure));
            } else {
                LOG.warn("{}: {}", NAME, failure.getMessage(), failure);
            }
        }
    }

    private boolean create(RoutePlan.Missing missing) {
        Route route = missing.route();
        String hint = missing.node().getMetadata().getUid();
        Instant start = time.instant();
        try {
            routes.create(settings.cluster(), hint, route);
            return true;
        } catch (CloudException e) {
            Duration after = Duration.between(start, time.instant());
            events.warning(
                    missing.node(),
                    "FailedToCreateRoute",
                    "Could not create route " + hint + ' ' + route.destination() + " for node " + route.node()
                            + " after " + after.toMillis() + "ms: " + e.getMessage());
            LOG.warn("could not create route {} for node {}: {}", route.destination(), route.node(), e.getMessage());
            return false;
        }
    }

    private void condition(Node node, boolean complete) {
        String status = complete ? "False" : "True";
        List<NodeCondition> had = node.getStatus() == null
                ? List.of()
                : OrEmpty.of(node.getStatus().getConditions());
        boolean same = had.stream()
                .anyMatch(condition -> UNAVAILABLE.equals(condition.getType()) && status.equals(condition.getStatus()));
        if (same) {
            return;
        }
        String now = time.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        NodeCondition condition = new NodeConditionBuilder()
                .withType(UNAVAILABLE)
                .withStatus(status)
                .withReason(complete ? "RouteCreated" : "NoRouteCreated")
                .withMessage(complete ? "RouteController created a route" : "RouteController failed to create a route")
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(now)
                .build();
        // Conditions are a map by their types: others that were written meanwhile stay.
        Map<String, Object> patch = Map.of(
                "metadata", Map.of("uid", node.getMetadata().getUid()),
                "status", Map.of("conditions", List.of(condition)));
        Patch.of(client, node).status().strategic(patch);
    }

    /** There are no keys: all is looked at each period. */
    @Override
    public Outcome reconcile(Key key) {
        return Outcome.done();
    }
}
