package io.keelson.kvstore.cli;

import io.keelson.kvstore.client.ClientConfig;
import io.keelson.kvstore.client.Credentials;
import io.keelson.kvstore.client.TlsFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From the global flags and the {@code ETCDCTL_*} environment to a client's configuration. */
final class ClientSettings {
    private static final String PREFIX = "ETCDCTL_";

    private ClientSettings() {}

    static ClientConfig read(Console console, Arguments arguments) {
        applyEnvironment(console, arguments);
        if (arguments.bool("debug")) {
            showSettings(console, arguments);
        }
        List<String> endpoints = endpoints(console, arguments);
        TlsFiles tls = tls(
                arguments,
                optional(arguments, "cacert"),
                optional(arguments, "cert"),
                optional(arguments, "key"),
                arguments.bool("insecure-transport"));
        Credentials credentials =
                credentials(console, arguments.string("user"), arguments.string("password"), "Password: ");
        return config(arguments, endpoints, tls, credentials);
    }

    static ClientConfig config(
            Arguments arguments, List<String> endpoints, @Nullable TlsFiles tls, @Nullable Credentials credentials) {
        long requestBytesMax = arguments.int64("max-request-bytes");
        long responseBytesMax = arguments.int64("max-recv-bytes");
        try {
            return new ClientConfig(
                    endpoints,
                    arguments.duration("dial-timeout"),
                    arguments.duration("keepalive-time"),
                    arguments.duration("keepalive-timeout"),
                    tls,
                    credentials,
                    requestBytesMax <= 0
                            ? ClientConfig.REQUEST_BYTES_MAX
                            : Math.clamp(requestBytesMax, 1, Integer.MAX_VALUE),
                    responseBytesMax <= 0 ? Integer.MAX_VALUE : Math.clamp(responseBytesMax, 1, Integer.MAX_VALUE),
                    false);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.of(ExitCode.BAD_CONNECTION, e);
        }
    }

    static @Nullable TlsFiles tls(
            Arguments arguments, String trusted, String certificate, String key, boolean insecureTransport) {
        if (trusted.isEmpty() && certificate.isEmpty() && key.isEmpty() && insecureTransport) {
            return null;
        }
        try {
            return new TlsFiles(
                    path(trusted), path(certificate), path(key), !arguments.bool("insecure-skip-tls-verify"));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArguments(ErrorText.of(e));
        }
    }

    static @Nullable Credentials credentials(Console console, String user, String password, String prompt) {
        if (user.isEmpty()) {
            return null;
        }
        int colon = user.indexOf(':');
        if (!password.isEmpty()) {
            return new Credentials(ByteText.toText(user), ByteText.toText(password));
        }
        if (colon < 0) {
            return new Credentials(ByteText.toText(user), ByteText.toText(console.readPassword(prompt)));
        }
        return new Credentials(ByteText.toText(user.substring(0, colon)), ByteText.toText(user.substring(colon + 1)));
    }

    private static @Nullable Path path(String name) {
        return name.isEmpty() ? null : Path.of(ByteText.toText(name));
    }

    private static String optional(Arguments arguments, String name) {
        String value = arguments.string(name);
        if (value.isEmpty() && arguments.given(name)) {
            throw CommandFailure.badArguments("empty string is passed to --" + name + " option");
        }
        return value;
    }

    private static void applyEnvironment(Console console, Arguments arguments) {
        List<String> known = new ArrayList<>(List.of(PREFIX + "API", PREFIX + "WATCH_KEY", PREFIX + "WATCH_RANGE_END"));
        for (Flag flag : CommandTree.GLOBAL_FLAGS) {
            String variable = flag.environmentName();
            known.add(variable);
            String value = console.variable(variable);
            if (value.isEmpty()) {
                continue;
            }
            if (arguments.given(flag.name())) {
                throw CommandFailure.of(
                        ExitCode.ERROR,
                        "conflicting environment variable " + GoQuote.quote(variable)
                                + " is shadowed by corresponding command-line flag (either unset environment variable"
                                + " or disable flag)");
            }
            arguments.setFromEnvironment(flag, value);
        }
        for (Map.Entry<String, String> variable : console.environment().entrySet()) {
            if (variable.getKey().startsWith(PREFIX) && !known.contains(variable.getKey())) {
                console.errorln("unrecognized environment variable "
                        + ByteText.ofText(variable.getKey() + "=" + variable.getValue()));
            }
        }
    }

    private static void showSettings(Console console, Arguments arguments) {
        for (Flag flag : CommandTree.GLOBAL_FLAGS) {
            String value = arguments.string(flag.name());
            String shown = flag.kind() == Flag.Kind.STRINGS ? "[" + value + "]" : value;
            console.errorln(flag.environmentName() + "="
                    + (flag.name().equals("password") && !value.isEmpty() ? "***" : shown));
        }
    }

    private static List<String> endpoints(Console console, Arguments arguments) {
        String domain = arguments.string("discovery-srv");
        List<String> found = domain.isEmpty()
                ? List.of()
                : DiscoveryService.endpoints(
                        console,
                        ByteText.toText(domain),
                        ByteText.toText(arguments.string("discovery-srv-name")),
                        arguments.bool("insecure-discovery"));
        if (!found.isEmpty()) {
            return found;
        }
        List<String> given = new ArrayList<>();
        for (String endpoint : arguments.strings("endpoints")) {
            given.add(ByteText.toText(endpoint));
        }
        return given;
    }
}
