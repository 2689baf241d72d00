package io.keelson.controllers.manager;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Flags of kube-controller-manager that change nothing here. Who states one, in a manifest that was written for the original
 * say, is told so and why, and the process starts all the same.
 */
final class UnusedFlags {
    private static final String CLOUD = "clouds are what cloud-controller-manager is for";
    private static final String WATCHES = "what changes is told by watches, and what fails is tried again";
    private static final String IN_TREE = "volumes are made, attached and cleaned by their own drivers";
    private static final String SERVED = "there is one way to be served";
    private static final String METRICS = "all metrics are served, as they are";
    private static final String LOGS = "the log is configured as Java's are, by logback";

    private static final List<Unused> ALL = List.of(
            new Unused("no load balancers are named here", "--cluster-name"),
            new Unused(
                    CLOUD,
                    "--cloud-provider",
                    "--cloud-config",
                    "--external-cloud-volume-plugin",
                    "--route-reconciliation-period",
                    "--concurrent-service-syncs",
                    "--cidr-allocator-type"),
            Unused.truth(CLOUD, "--configure-cloud-routes", "--allow-untagged-cloud"),
            new Unused(
                    WATCHES,
                    "--min-resync-period",
                    "--namespace-sync-period",
                    "--controller-start-interval",
                    "--attach-detach-reconcile-sync-period"),
            Unused.truth(WATCHES, "--disable-attach-detach-reconcile-sync"),
            new Unused(
                    IN_TREE,
                    "--flex-volume-plugin-dir",
                    "--pv-recycler-increment-timeout-nfs",
                    "--pv-recycler-minimum-timeout-hostpath",
                    "--pv-recycler-minimum-timeout-nfs",
                    "--pv-recycler-pod-template-filepath-hostpath",
                    "--pv-recycler-pod-template-filepath-nfs",
                    "--pv-recycler-timeout-increment-hostpath"),
            Unused.truth(IN_TREE, "--enable-hostpath-provisioner"),
            new Unused("calls to the API are JSON", "--kube-api-content-type"),
            new Unused(SERVED, "--cert-dir", "--http2-max-streams-per-connection"),
            Unused.truth(
                    SERVED,
                    "--permit-port-sharing",
                    "--permit-address-sharing",
                    "--disable-http2-serving",
                    "--contention-profiling"),
            new Unused(METRICS, "--show-hidden-metrics-for-version"),
            new Unused(LOGS, "-v", "--v", "--vmodule", "--log-flush-frequency"));

    private UnusedFlags() {}

    /**
     * Some that have no effect for one reason.
     *
     * @param truth whether they may stand without a value
     */
    private record Unused(String why, boolean truth, List<String> flags) {
        Unused(String why, String... flags) {
            this(why, false, List.of(flags));
        }

        static Unused truth(String why, String... flags) {
            return new Unused(why, true, List.of(flags));
        }
    }

    /**
     * What there is to say to arguments that are no flags of the command.
     *
     * @param arguments in their order, values that stand apart from their flags among them
     * @throws IllegalArgumentException if one is no flag of kube-controller-manager either
     */
    static List<String> of(List<String> arguments) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            String flag = equals < 0 ? argument : argument.substring(0, equals);
            Unused unused = find(flag);
            if (unused == null) {
                throw new IllegalArgumentException(
                        argument.startsWith("-") ? "unknown flag: " + flag : "unknown argument: " + argument);
            }
            if (equals < 0 && !unused.truth() && ++i == arguments.size()) {
                throw new IllegalArgumentException("flag needs an argument: " + flag);
            }
            told.add(flag + " has no effect here: " + unused.why());
        }
        return told;
    }

    private static @Nullable Unused find(String flag) {
        for (Unused unused : ALL) {
            if (unused.flags().contains(flag)) {
                return unused;
            }
        }
        return null;
    }
}
