package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.audit.AuditLog;
import io.keelson.apiserver.authn.AuthenticationFilter;
import io.keelson.apiserver.authn.ImpersonationFilter;
import io.keelson.apiserver.authn.KeySetMetrics;
import io.keelson.apiserver.authn.LegacyTokenUses;
import io.keelson.apiserver.authz.AccessReviews;
import io.keelson.apiserver.authz.AuthorizationFilter;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.WriteCheck;
import io.keelson.apiserver.metrics.AuditMetrics;
import io.keelson.apiserver.metrics.RequestMetrics;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.proxy.ConnectAdmission;
import io.keelson.apiserver.proxy.ProxiedSubresources;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.ui.WebPage;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.ProcessMetrics;
import java.io.IOException;
import java.util.function.Supplier;

/**
 * The road of a request, from the moment that it is read: it is counted, its client is made out, it is written down and
 * given its time, acts for whom it says, waits for its turn, is allowed, and goes to whoever serves its path.
 */
final class RequestRoad {
    private final ServerContext context;
    private final Stations stations;
    private final Metrics metrics;
    private final Authorizer authorizer;

    private RequestRoad(ServerContext context, Stations stations) {
        this.context = context;
        this.stations = stations;
        metrics = context.metrics();
        authorizer = stations.access().authorizer();
    }

    /**
     * Its first station.
     *
     * @param address where clients elsewhere reach the server, as host and port; known once it serves
     * @throws IOException if a file cannot be used that says who is known, or what is written down
     */
    static Handler of(ServerContext context, Stations stations, Supplier<String> address) throws IOException {
        return new RequestRoad(context, stations).begin(address);
    }

    private Handler begin(Supplier<String> address) throws IOException {
        ProcessMetrics.addTo(metrics);
        VersionDocument.addTo(metrics);
        Authentication authentication = authentication();
        AuditLog audit = context.part(AuditLog.open(
                context.cluster().access().audit(),
                stations.outgoing().clients().controlPlane(),
                context.clock()));
        AuditMetrics.addTo(metrics, audit.counts());
        Handler routed = stations.aggregation()
                .filter()
                .before(new Router(
                        stations.definitions().before(resources(authentication)),
                        RootPaths.of(context, stations, authentication, address)));
        Handler authorized = new ImpersonationFilter(authorizer)
                .before(stations.flow().filter().before(new AuthorizationFilter(authorizer).before(routed)));
        stations.flow().milestones().forEach(stations.beginnings()::reach);
        Handler timed = context.part(TimeLimits.start(context.cluster().flow().requestTimeout()))
                .before(authorized);
        Handler authenticated = new AuthenticationFilter(
                        stations.access().metrics().measured(authentication.requests()), audit::unauthenticated)
                .before(audit.before(timed));
        return new RequestMetrics(metrics, stations.registry()).before(asFlagsSay(authenticated));
    }

    private Authentication authentication() throws IOException {
        return context.part(new Authentication(
                context.cluster().access().authentication(),
                context.config().anonymous(),
                stations.pki(),
                new StoredAccounts(stations.rest()),
                new LegacyTokenUses(this::label, metrics, context.clock()),
                stations.access().metrics()::certificateShown,
                new KeySetMetrics(metrics, ServerContext.identity(), context.clock()),
                stations.outgoing().clients(),
                metrics,
                context.clock()));
    }

    /** Labels a Secret, if it is still the one that was looked at. */
    private void label(ObjectNode secret, String label, String value) throws InterruptedException {
        String uid = ObjectMeta.uid(secret);
        var _ = stations.rest()
                .adjust("", "secrets", ObjectMeta.namespace(secret), ObjectMeta.name(secret), present -> {
                    if (ObjectMeta.uid(present).equals(uid)) {
                        ObjectMeta.setLabel(present, label, value);
                    }
                    return present;
                });
    }

    private Handler resources(Authentication authentication) throws IOException {
        RestApi rest = stations.rest();
        RestApi.Special special = new RestApi.Special(
                new WriteCheck(authorizer, stations.feed().escalation(authorizer)),
                Reviews.of(authentication.reviews(), new AccessReviews(authorizer)),
                authentication.tokenRequests(),
                ControlPlane.of(
                        rest,
                        stations.storage()
                                .overriding(
                                        "etcd-override-",
                                        context.cluster()
                                                .api()
                                                .storage()
                                                .looks()
                                                .health())),
                ProxiedSubresources.of(
                        rest,
                        stations.outgoing().backends(),
                        context.cluster().connections().kubelets(),
                        stations.pki().kubeletClient(),
                        new ConnectAdmission(authorizer, rest::admit)));
        return stations.shown().versions().before(rest.serving(special));
    }

    /** With what flags ask for before it, and what counts requests, so that a stop can wait for them. */
    private Handler asFlagsSay(Handler authenticated) {
        BrowserSettings browsers = context.cluster().api().browsers();
        Handler known = context.cluster().ui() ? new WebPage().before(authenticated) : authenticated;
        Handler told = browsers.equals(BrowserSettings.NONE) ? known : new BrowserHeaders(browsers).before(known);
        return stations.shutdown().before(told);
    }
}
