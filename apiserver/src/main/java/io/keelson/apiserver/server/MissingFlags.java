package io.keelson.apiserver.server;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flags of kube-apiserver that there are not, and why. Whoever states one gets to know that it does nothing here, and need
 * not guess whether its name is wrong. README.md has the same names with the same reasons.
 */
final class MissingFlags {
    private static final List<Missing> ALL = List.of(
            new Missing(
                    "given up by the original for --enable-admission-plugins, which is there", "--admission-control"),
            new Missing(
                    "for a beta that is off by default: the server elects no leaders for others",
                    "--coordinated-leadership-lease-duration",
                    "--coordinated-leadership-renew-deadline",
                    "--coordinated-leadership-retry-period"),
            new Missing(
                    "for the gate UnknownVersionInteroperabilityProxy, which is missing: servers do not pass"
                            + " requests on to each other",
                    "--peer-advertise-ip",
                    "--peer-advertise-port",
                    "--peer-ca-file"),
            new Missing("there are no traces; /metrics and /debug are what there is to see", "--tracing-config-file"),
            new Missing("/debug is on the secure port, for those who are authorized", "--debug-socket-path"));

    private MissingFlags() {}

    /** Some flags that are missing for one reason. */
    private record Missing(String why, List<String> flags) {
        Missing(String why, String... flags) {
            this(why, List.of(flags));
        }
    }

    /**
     * What there is to say to arguments that are no flags of this command.
     *
     * @param arguments those that were left over, in their order, values that stand apart from their flags among them
     * @return null if there are none
     */
    static @Nullable String refusal(List<String> arguments) {
        for (String argument : arguments) {
            String flag = name(argument);
            for (Missing missing : ALL) {
                if (missing.flags().contains(flag)) {
                    return flag + ": " + missing.why();
                }
            }
        }
        for (String argument : arguments) {
            if (argument.startsWith("--")) {
                return "unknown flag: " + name(argument);
            }
            if (argument.length() > 1 && argument.startsWith("-")) {
                return "unknown shorthand flag: '" + argument.charAt(1) + "' in " + argument;
            }
        }
        return arguments.isEmpty()
                ? null
                : "does not take any arguments, got [\"" + String.join("\" \"", arguments) + "\"]";
    }

    private static String name(String argument) {
        int equals = argument.indexOf('=');
        return equals < 0 ? argument : argument.substring(0, equals);
    }
}
