package io.keelson.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The flags of kube-proxy that are none of ours: they are taken, and what they are about is not there, or always so. */
final class OriginalProxyFlags {
    private static final String NO_PROFILES = "there are no profiles to be served";
    private static final String IPVS = "packets are not forwarded by IPVS";
    private static final String LINES = "each line of the log is written at once, as text, to standard error";
    private static final String AT_ONCE = "rules are brought up to date at each change, which costs what differs";
    private static final String ADDRESSED = "--healthz-bind-address and --metrics-bind-address say where to listen";

    /** Those that stand for true alone when they have no value behind an equals sign. */
    private static final List<String> SWITCHES =
            List.of("--profiling", "--ipvs-strict-arp", "--log-json-split-stream", "--log-text-split-stream");

    private static final Map<String, String> WHY = Map.ofEntries(
            Map.entry("--feature-gates", "no feature here is behind a gate"),
            Map.entry("--profiling", NO_PROFILES),
            Map.entry("--show-hidden-metrics-for-version", "no metric is hidden"),
            Map.entry("--iptables-min-sync-period", AT_ONCE),
            Map.entry("--ipvs-sync-period", IPVS),
            Map.entry("--ipvs-min-sync-period", IPVS),
            Map.entry("--ipvs-scheduler", IPVS),
            Map.entry("--ipvs-exclude-cidrs", IPVS),
            Map.entry("--ipvs-strict-arp", IPVS),
            Map.entry("--ipvs-tcp-timeout", IPVS),
            Map.entry("--ipvs-tcpfin-timeout", IPVS),
            Map.entry("--ipvs-udp-timeout", IPVS),
            Map.entry("--config-sync-period", "a watch tells of all changes: nothing is gone through again"),
            Map.entry("--healthz-port", ADDRESSED),
            Map.entry("--metrics-port", ADDRESSED),
            Map.entry("--proxy-port-range", "no port is taken for a Service"),
            Map.entry("--log-flush-frequency", LINES),
            Map.entry("--log-json-info-buffer-size", LINES),
            Map.entry("--log-json-split-stream", LINES),
            Map.entry("--log-text-info-buffer-size", LINES),
            Map.entry("--log-text-split-stream", LINES),
            Map.entry("--logging-format", LINES),
            Map.entry("--v", "what is logged is what changes and what fails"),
            Map.entry("-v", "what is logged is what changes and what fails"),
            Map.entry("--vmodule", "what is logged is what changes and what fails"));

    private OriginalProxyFlags() {}

    /**
     * What there is to say to arguments that are no flags of ours.
     *
     * @param told is told of each flag that does nothing
     * @throws IllegalArgumentException if one is no flag of the original's either
     */
    static void check(List<String> arguments, Consumer<String> told) {
        List<String> left = new ArrayList<>(arguments);
        while (!left.isEmpty()) {
            String argument = left.removeFirst();
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            String why = WHY.get(name);
            if (why == null) {
                throw new IllegalArgumentException(
                        argument.startsWith("-")
                                ? "unknown flag: " + name
                                : "does not take any arguments, got \"" + argument + '"');
            }
            if (equals < 0 && !SWITCHES.contains(name)) {
                if (left.isEmpty()) {
                    throw new IllegalArgumentException("flag needs an argument: " + name);
                }
                left.removeFirst();
            }
            told.accept(name + " changes nothing: " + why);
        }
    }
}
