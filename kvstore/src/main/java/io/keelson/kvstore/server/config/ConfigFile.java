package io.keelson.kvstore.server.config;

import io.keelson.kvstore.errors.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads etcd's configuration file: YAML (or JSON) with the names of the flags, the certificates of clients and members in
 * sections of their own. Durations may be written as {@code 10s} or as nanoseconds, lists as YAML lists or by comma.
 */
final class ConfigFile {
    private static final Map<String, String> CLIENT_SECURITY = Map.of(
            "cert-file", "cert-file",
            "key-file", "key-file",
            "client-cert-file", "client-cert-file",
            "client-key-file", "client-key-file",
            "client-cert-auth", "client-cert-auth",
            "trusted-ca-file", "trusted-ca-file",
            "auto-tls", "auto-tls",
            "allowed-hostname", "client-cert-allowed-hostname");
    private static final Map<String, String> PEER_SECURITY = Map.ofEntries(
            Map.entry("cert-file", "peer-cert-file"),
            Map.entry("key-file", "peer-key-file"),
            Map.entry("client-cert-file", "peer-client-cert-file"),
            Map.entry("client-key-file", "peer-client-key-file"),
            Map.entry("client-cert-auth", "peer-client-cert-auth"),
            Map.entry("trusted-ca-file", "peer-trusted-ca-file"),
            Map.entry("auto-tls", "peer-auto-tls"),
            Map.entry("allowed-cn", "peer-cert-allowed-cn"),
            Map.entry("allowed-cns", "peer-cert-allowed-cn"),
            Map.entry("allowed-hostname", "peer-cert-allowed-hostname"),
            Map.entry("skip-client-san-verification", "peer-skip-client-san-verification"));

    private ConfigFile() {}

    /** The settings of a file, by the names of flags. */
    static Map<String, String> read(Path file) {
        Object root;
        try {
            root = new Load(LoadSettings.builder().setLabel(file.toString()).build())
                    .loadFromString(Files.readString(file));
        } catch (IOException e) {
            throw ConfigException.invalid("cannot read the configuration file " + file + ": " + FileErrors.reason(e));
        } catch (YamlEngineException e) {
            throw ConfigException.invalid("cannot read the configuration file " + file + ": " + e.getMessage());
        }
        Map<String, String> settings = new LinkedHashMap<>();
        if (root == null) {
            return settings;
        }
        if (!(root instanceof Map<?, ?> map)) {
            throw ConfigException.invalid("the configuration file " + file + " is not a map of settings");
        }
        map.forEach((key, value) -> {
            String name = String.valueOf(key);
            switch (name) {
                case "client-transport-security" -> section(settings, file, name, value, CLIENT_SECURITY);
                case "peer-transport-security" -> section(settings, file, name, value, PEER_SECURITY);
                default -> put(settings, name, value);
            }
        });
        return settings;
    }

    private static void section(
            Map<String, String> settings, Path file, String name, @Nullable Object value, Map<String, String> names) {
        if (value == null) {
            return;
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw ConfigException.invalid(name + " in " + file + " is not a map of settings");
        }
        map.forEach((key, inner) -> {
            String flag = names.get(String.valueOf(key));
            if (flag == null) {
                throw ConfigException.invalid("unknown setting " + name + "." + key + " in " + file);
            }
            put(settings, flag, inner);
        });
    }

    private static void put(Map<String, String> settings, String name, @Nullable Object value) {
        if (value == null) {
            return;
        }
        Flag flag = Flags.named(name);
        String text = value instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(value);
        if (flag != null && flag.type() == Flag.Type.DURATION && value instanceof Number nanos) {
            text = Duration.ofNanos(nanos.longValue()).toNanos() + "ns";
        }
        settings.put(name, text);
    }
}
