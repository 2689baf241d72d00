package io.keelson.controllers.manager;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The flags of kube-controller-manager, kube-scheduler, cloud-controller-manager, metrics-server and the kubelet that
 * are none of ours: some are taken and do nothing here, as what they are about is not there or is always so, and some
 * cannot be had. Either is told with the reason, so that a command line of the original runs, or says why not.
 */
public final class OriginalFlags {
    private enum Of {
        CONTROLLERS("kube-controller-manager"),
        SCHEDULER("kube-scheduler"),
        CLOUD("cloud-controller-manager"),
        KUBELET("kubelet"),
        METRICS("metrics-server");

        private final String component;

        Of(String component) {
            this.component = component;
        }
    }

    private static final Set<Of> EACH = EnumSet.allOf(Of.class);
    private static final Set<Of> ALL = EnumSet.complementOf(EnumSet.of(Of.KUBELET));
    private static final Set<Of> MANAGERS = EnumSet.of(Of.CONTROLLERS, Of.CLOUD);
    private static final Set<Of> LOGGING = EnumSet.of(Of.CONTROLLERS, Of.CLOUD, Of.METRICS, Of.KUBELET);
    private static final Set<Of> CONTROLLERS = EnumSet.of(Of.CONTROLLERS);
    private static final Set<Of> CLOUD = EnumSet.of(Of.CLOUD);
    private static final Set<Of> KUBELET = EnumSet.of(Of.KUBELET);

    /** Any value. */
    private static final String ANY = "";

    private static final String OFF = "false";
    private static final String NO_PROFILES = "there are no profiles to be served";
    private static final String HTTP1 = "HTTP/1.1 is served here alone";
    private static final String NO_LOOKUP =
            "nothing is looked up in the cluster: --client-ca-file and --requestheader-client-ca-file say whose"
                    + " certificates count";
    private static final String ALL_METRICS = "all metrics are served, with all their labels";
    private static final String LINES = "each line of the log is written at once, as text, to standard error";
    private static final String LOGGED = "what is logged is who leads, what is tried again and what fails";
    private static final String VERSION = "this is Kubernetes 1.36 and no other version";
    private static final String ATTACHED = "what is attached is compared with what is to be at each change";
    private static final String NO_MIGRATION = "leases are not moved from one component to another";
    private static final String NO_LOCK = "the agent does not wait for another one";
    private static final String NO_WEBHOOK =
            "there is no admission webhook of clouds, which is an alpha of the original";
    private static final String IN_TREE =
            "no cloud is built in: keelson cloud-controller-manager is what speaks to one";
    private static final String NO_RECYCLER =
            "no volume is scrubbed to be used again, as the original does with those of"
                    + " two kinds that are of no use outside of tests";

    private static final List<Flag> FLAGS = List.of(
            taken(ALL, "--authentication-skip-lookup", false, NO_LOOKUP),
            taken(ALL, "--authentication-tolerate-lookup-failure", false, NO_LOOKUP),
            taken(ALL, "--cert-dir", true, "a certificate that is made is kept in memory, and ends with the process"),
            taken(ALL, "--http2-max-streams-per-connection", true, HTTP1),
            taken(ALL, "--disable-http2-serving", false, HTTP1),
            taken(
                    ALL,
                    "--permit-address-sharing",
                    false,
                    "the port is always taken without waiting for what was there before"),
            only(ALL, "--permit-port-sharing", false, OFF, "no other process may listen on the same port"),
            refused(ALL, "--tls-sni-cert-key", true, "there is one certificate for all names: --tls-cert-file"),
            refused(ALL, "--tls-curve-preferences", true, "keys are agreed on with the curves that Java prefers"),
            taken(ALL, "--kube-api-content-type", true, "JSON is spoken with the API"),
            taken(ALL, "--profiling", false, NO_PROFILES),
            taken(ALL, "--contention-profiling", false, NO_PROFILES),
            refused(ALL, "--allow-metric-labels", true, ALL_METRICS),
            refused(ALL, "--allow-metric-labels-manifest", true, ALL_METRICS),
            refused(ALL, "--disabled-metrics", true, ALL_METRICS),
            taken(EACH, "--show-hidden-metrics-for-version", true, "no metric is hidden"),
            taken(EACH, "--log-flush-frequency", true, LINES),
            only(EACH, "--log-json-info-buffer-size", true, "0", LINES),
            only(EACH, "--log-json-split-stream", false, OFF, LINES),
            only(EACH, "--log-text-info-buffer-size", true, "0", LINES),
            only(EACH, "--log-text-split-stream", false, OFF, LINES),
            only(EACH, "--logging-format", true, "text", LINES),
            taken(LOGGING, "--v", true, LOGGED),
            taken(LOGGING, "-v", true, LOGGED),
            taken(EACH, "--vmodule", true, LOGGED),
            only(ALL, "--emulated-version", true, "1.36,kube=1.36", VERSION),
            only(ALL, "--min-compatibility-version", true, "1.35,kube=1.35", VERSION),
            taken(MANAGERS, "--min-resync-period", true, "a watch tells of all changes: nothing is gone through again"),
            taken(MANAGERS, "--controller-start-interval", true, "all controllers start at once"),
            taken(MANAGERS, "--controller-shutdown-timeout", true, "what is under way has ten seconds at the end"),
            only(MANAGERS, "--enable-leader-migration", false, OFF, NO_MIGRATION),
            refused(MANAGERS, "--leader-migration-config", true, NO_MIGRATION),
            refused(MANAGERS, "--external-cloud-volume-plugin", true, IN_TREE),
            only(
                    MANAGERS,
                    "--cidr-allocator-type",
                    true,
                    "RangeAllocator",
                    "ranges of nodes are taken from --cluster-cidr"),
            taken(MANAGERS, "--allow-untagged-cloud", false, "no cloud is asked for tags of its machines"),
            only(CONTROLLERS, "--cloud-provider", true, ",external", IN_TREE),
            refused(CONTROLLERS, "--cloud-config", true, IN_TREE),
            taken(CONTROLLERS, "--cluster-name", true, "nothing here is called after the cluster"),
            taken(CONTROLLERS, "--configure-cloud-routes", false, IN_TREE),
            taken(CONTROLLERS, "--route-reconciliation-period", true, IN_TREE),
            taken(CONTROLLERS, "--concurrent-service-syncs", true, IN_TREE),
            taken(CONTROLLERS, "--attach-detach-reconcile-sync-period", true, ATTACHED),
            taken(CONTROLLERS, "--disable-attach-detach-reconcile-sync", false, ATTACHED),
            only(
                    CONTROLLERS,
                    "--enable-hostpath-provisioner",
                    false,
                    OFF,
                    "the local-path provisioner makes such volumes"),
            taken(CONTROLLERS, "--flex-volume-plugin-dir", true, "there are no flex volumes"),
            taken(
                    CONTROLLERS,
                    "--namespace-sync-period",
                    true,
                    "a namespace that is not empty yet is looked at when it may be"),
            taken(CONTROLLERS, "--pv-recycler-increment-timeout-nfs", true, NO_RECYCLER),
            taken(CONTROLLERS, "--pv-recycler-minimum-timeout-hostpath", true, NO_RECYCLER),
            taken(CONTROLLERS, "--pv-recycler-minimum-timeout-nfs", true, NO_RECYCLER),
            refused(CONTROLLERS, "--pv-recycler-pod-template-filepath-hostpath", true, NO_RECYCLER),
            refused(CONTROLLERS, "--pv-recycler-pod-template-filepath-nfs", true, NO_RECYCLER),
            taken(CONTROLLERS, "--pv-recycler-timeout-increment-hostpath", true, NO_RECYCLER),
            taken(CLOUD, "--feature-gates", true, "no feature of these controllers is behind a gate"),
            only(
                    CLOUD,
                    "--use-service-account-credentials",
                    false,
                    OFF,
                    "all controllers call the API as this process does"),
            refused(CLOUD, "--webhooks", true, NO_WEBHOOK),
            refused(CLOUD, "--webhook-bind-address", true, NO_WEBHOOK),
            refused(CLOUD, "--webhook-cert-dir", true, NO_WEBHOOK),
            refused(CLOUD, "--webhook-secure-port", true, NO_WEBHOOK),
            refused(CLOUD, "--webhook-tls-cert-file", true, NO_WEBHOOK),
            refused(CLOUD, "--webhook-tls-private-key-file", true, NO_WEBHOOK),
            refused(KUBELET, "--lock-file", true, NO_LOCK),
            only(KUBELET, "--exit-on-lock-contention", false, OFF, NO_LOCK),
            taken(
                    KUBELET,
                    "--pod-infra-container-image",
                    true,
                    "the runtime says which image its sandboxes have, and that one is kept"),
            taken(KUBELET, "--runtime-cgroups", true, "the runtime stays in the cgroup in which it was started"),
            only(
                    KUBELET,
                    "--experimental-allocatable-ignore-eviction",
                    false,
                    OFF,
                    "what is kept free is nothing that pods can have"),
            only(KUBELET, "--experimental-mounter-path", true, ",mount", "volumes are mounted by mount"),
            only(KUBELET, "--container-runtime", true, ",remote", "runtimes are spoken to by CRI"));

    private OriginalFlags() {}

    /**
     * A flag.
     *
     * @param takesValue false if it stands for true alone
     * @param values those that may be set, with commas in between; {@link #ANY} for all, null for none
     * @param why it does nothing, or cannot be had
     */
    private record Flag(
            Set<Of> components,
            String name,
            boolean takesValue,
            @Nullable String values,
            String why) {
        private boolean allows(String value) {
            if (values == null || values.equals(ANY)) {
                return values != null;
            }
            return List.of(values.split(",", -1)).contains(value);
        }
    }

    private static Flag taken(Set<Of> components, String name, boolean takesValue, String why) {
        return new Flag(components, name, takesValue, ANY, why);
    }

    private static Flag only(Set<Of> components, String name, boolean takesValue, String values, String why) {
        return new Flag(components, name, takesValue, values, why);
    }

    private static Flag refused(Set<Of> components, String name, boolean takesValue, String why) {
        return new Flag(components, name, takesValue, null, why);
    }

    /** The names of those that a component knows so. */
    static Set<String> names(String component) {
        Set<String> names = new TreeSet<>();
        FLAGS.stream().filter(flag -> isOf(flag, component)).forEach(flag -> names.add(flag.name()));
        return names;
    }

    private static boolean isOf(Flag flag, String component) {
        return flag.components().stream().anyMatch(of -> of.component.equals(component));
    }

    /**
     * What there is to say to arguments that are no flags of ours.
     *
     * @param component the original's name
     * @param arguments those that were left over, in their order, with values that stand apart from their flags
     * @param told is told of each flag that does nothing
     * @throws IllegalArgumentException if one cannot be had, or is no flag of the original's either; its text says why
     */
    public static void check(String component, List<String> arguments, Consumer<String> told) {
        List<String> left = new ArrayList<>(arguments);
        while (!left.isEmpty()) {
            String argument = left.removeFirst();
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            Flag flag = FLAGS.stream()
                    .filter(each -> each.name().equals(name) && isOf(each, component))
                    .findFirst()
                    .orElseThrow(() -> unknown(argument, name));
            String value =
                    equals < 0 ? (flag.takesValue() ? next(name, left) : "true") : argument.substring(equals + 1);
            if (!flag.allows(value)) {
                throw new IllegalArgumentException(name + '=' + value + " cannot be had: " + flag.why());
            }
            told.accept(name + " changes nothing: " + flag.why());
        }
    }

    private static String next(String name, List<String> left) {
        if (left.isEmpty()) {
            throw new IllegalArgumentException("flag needs an argument: " + name);
        }
        return left.removeFirst();
    }

    private static IllegalArgumentException unknown(String argument, String name) {
        if (argument.startsWith("--")) {
            return new IllegalArgumentException("unknown flag: " + name);
        }
        return argument.length() > 1 && argument.startsWith("-")
                ? new IllegalArgumentException("unknown shorthand flag: '" + argument.charAt(1) + "' in " + argument)
                : new IllegalArgumentException("does not take any arguments, got \"" + argument + '"');
    }
}
