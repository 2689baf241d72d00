package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.runtime.CallRate;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a component runs, whatever it does.
 *
 * @param config how it reaches the API
 * @param terms of the election; null to act without one
 * @param address where health and metrics are served; null for nowhere
 * @param port how, and to whom
 * @param callsPerSecond of the work to the API; no limit if not above zero
 * @param callsAtOnce how many of them after a pause, at least one if there is a limit
 */
public record ComponentSettings(
        Config config,
        @Nullable ElectionTerms terms,
        @Nullable InetSocketAddress address,
        PortSettings port,
        double callsPerSecond,
        int callsAtOnce) {
    public ComponentSettings {
        if (callsPerSecond > 0 && callsAtOnce < 1) {
            throw new IllegalArgumentException("--kube-api-burst must be at least 1, not " + callsAtOnce);
        }
    }

    /** The same with what a file says as well. */
    public ComponentSettings with(Config api, @Nullable ElectionTerms election, double perSecond, int atOnce) {
        return new ComponentSettings(api, election, address, port, perSecond, atOnce);
    }

    /** What holds calls back that come too fast. */
    List<Interceptor> rate(CallRate.Watcher watcher) {
        return callsPerSecond > 0 ? List.of(new CallRate(callsPerSecond, callsAtOnce, watcher)) : List.of();
    }
}
