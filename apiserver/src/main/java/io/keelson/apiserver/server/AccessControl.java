package io.keelson.apiserver.server;

import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.BootstrapPolicy;
import io.keelson.apiserver.authz.NodeAuthorizer;
import io.keelson.apiserver.authz.NodeGraph;
import io.keelson.apiserver.authz.RbacAuthorizer;
import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.ReloadMetrics;
import io.keelson.apiserver.metrics.AccessMetrics;
import java.io.IOException;
import java.util.Set;

/**
 * Who may do what, and who is counted for it.
 *
 * @param rules of roles; empty until they are fed
 * @param graph which objects nodes need; empty until it is fed
 * @param metrics what is counted about who asks and what becomes of it
 * @param authorizer decides
 */
record AccessControl(RuleIndex rules, NodeGraph graph, AccessMetrics metrics, Authorizer authorizer) {
    /**
     * @param features those of kinds on demand that are on, which nodes have rights for
     * @param webhooks how those that decide are connected to
     */
    static AccessControl open(ServerContext context, Set<String> features, HttpClients webhooks) throws IOException {
        RuleIndex rules = new RuleIndex();
        NodeGraph graph = new NodeGraph();
        AccessMetrics metrics = new AccessMetrics(context.metrics());
        Authorizer authorizer = metrics.measured(context.part(AuthorizationModes.of(
                context.config().authorizationModes(),
                context.cluster().access().authorization(),
                new RbacAuthorizer(rules),
                new NodeAuthorizer(graph, BootstrapPolicy.nodeRules(features)),
                metrics::decided,
                new ReloadMetrics(context.metrics(), "authorization", ServerContext.identity(), context.clock()),
                webhooks,
                context.clock())));
        return new AccessControl(rules, graph, metrics, authorizer);
    }
}
