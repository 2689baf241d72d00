package io.keelson.apiserver.egress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An {@code EgressSelectorConfiguration}, looked over.
 *
 * @param selections how each kind of other side is connected to; directly if it is not named
 */
record EgressSelectorConfiguration(Map<EgressType, Connection> selections) {
    private static final List<String> VERSIONS = List.of("apiserver.k8s.io/v1beta1", "apiserver.k8s.io/v1alpha1");
    private static final List<String> PROTOCOLS = List.of("Direct", "HTTPConnect", "GRPC");
    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .list(
                    "egressSelections",
                    ConfigShape.object()
                            .texts("name")
                            .field(
                                    "connection",
                                    ConfigShape.object()
                                            .texts("proxyProtocol")
                                            .field(
                                                    "transport",
                                                    ConfigShape.object()
                                                            .field(
                                                                    "tcp",
                                                                    ConfigShape.object()
                                                                            .texts("url")
                                                                            .field(
                                                                                    "tlsConfig",
                                                                                    ConfigShape.object()
                                                                                            .texts(
                                                                                                    "caBundle",
                                                                                                    "clientKey",
                                                                                                    "clientCert")))
                                                            .field(
                                                                    "uds",
                                                                    ConfigShape.object()
                                                                            .texts("udsName")))));
    /** Under which all complaints are told, whichever selection they are about. */
    private static final FieldPath CONNECTION = FieldPath.of("service", "connection");

    EgressSelectorConfiguration {
        selections = Map.copyOf(selections);
    }

    /** A way to connect. */
    sealed interface Connection {
        /** Without anything between. */
        record Direct() implements Connection {}

        /**
         * Through a proxy at a URL.
         *
         * @param tls null for none
         */
        record OverTcp(String url, @Nullable Tls tls) implements Connection {}

        /** Through a proxy at a unix socket. */
        record OverUnixSocket(Path socket) implements Connection {}

        /** Through a konnectivity server at a unix socket, with gRPC. */
        record Konnectivity(Path socket) implements Connection {}
    }

    /**
     * How a proxy is spoken to.
     *
     * @param caBundle whom its certificate must come from; null for those that the platform trusts
     */
    record Tls(@Nullable Path caBundle, Path clientCert, Path clientKey) {}

    /**
     * Reads a configuration.
     *
     * @throws IOException if it cannot be read, or says what cannot be
     */
    static EgressSelectorConfiguration read(Path file) throws IOException {
        ObjectNode document;
        try {
            document = ConfigFile.read(file);
            ConfigFile.require(document, "EgressSelectorConfiguration", VERSIONS);
            SHAPE.require(document);
        } catch (IOException e) {
            throw new IOException("failed to read egress selector config: " + e.getMessage(), e);
        }
        FieldErrors errors = new FieldErrors();
        for (JsonNode selection : document.path("egressSelections")) {
            check(selection.path("connection"), errors);
        }
        checkNames(document.path("egressSelections"), errors);
        if (!errors.isEmpty()) {
            String text = errors.list().stream().map(String::valueOf).collect(Collectors.joining(", "));
            throw new IOException("failed to validate egress selector configuration: "
                    + (errors.count() == 1 ? text : "[" + text + "]"));
        }
        Map<EgressType, Connection> selections = new EnumMap<>(EgressType.class);
        for (JsonNode selection : document.path("egressSelections")) {
            selections.put(type(name(selection)), connection(selection));
        }
        return new EgressSelectorConfiguration(selections);
    }

    private static String name(JsonNode selection) {
        return selection.path("name").asText("").toLowerCase(Locale.ROOT);
    }

    private static void checkNames(JsonNode selections, FieldErrors errors) {
        Set<String> seen = new HashSet<>();
        List<String> known = Arrays.stream(EgressType.values())
                .map(EgressType::text)
                .sorted()
                .toList();
        for (int i = 0; i < selections.size(); i++) {
            String name = name(selections.get(i));
            if (!seen.add(name)) {
                errors.duplicate(CONNECTION.index(i), name);
            } else if (!known.contains(name)) {
                errors.notSupported(CONNECTION, name, known);
            }
        }
    }

    private static void check(JsonNode connection, FieldErrors errors) {
        JsonNode transport = connection.path("transport");
        String protocol = connection.path("proxyProtocol").asText("");
        switch (protocol) {
            case "Direct" -> {
                if (transport.isObject()) {
                    errors.invalid(CONNECTION.child("transport"), "direct", "config must be absent for direct connect");
                }
            }
            case "HTTPConnect" -> checkHttpConnect(transport, errors);
            case "GRPC" -> {
                if (!transport.isObject()) {
                    errors.required(CONNECTION.child("transport"), "transport must be set for GRPC");
                } else if (transport.path("uds").isObject()) {
                    checkSocket(transport.path("uds"), errors);
                } else {
                    errors.required(CONNECTION.child("uds"), "UDS must be set with GRPC");
                }
            }
            default -> errors.notSupported(CONNECTION.child("protocol"), protocol, PROTOCOLS);
        }
    }

    private static void checkHttpConnect(JsonNode transport, FieldErrors errors) {
        boolean tcp = transport.path("tcp").isObject();
        boolean socket = transport.path("uds").isObject();
        if (!transport.isObject()) {
            errors.required(CONNECTION.child("transport"), "transport must be set for HTTPConnect");
        } else if (tcp && socket) {
            errors.invalid(CONNECTION.child("tcp"), transport.path("tcp"), "TCP and UDS cannot both be set");
        } else if (tcp) {
            checkTcp(transport.path("tcp"), errors);
        } else if (socket) {
            checkSocket(transport.path("uds"), errors);
        } else {
            errors.required(CONNECTION.child("tcp"), "One of TCP or UDS must be set");
        }
    }

    private static void checkSocket(JsonNode socket, FieldErrors errors) {
        if (socket.path("udsName").asText("").isEmpty()) {
            errors.invalid(CONNECTION.child("udsName"), "nil", "must be present for UDS connections");
        }
    }

    private static void checkTcp(JsonNode tcp, FieldErrors errors) {
        String url = tcp.path("url").asText("");
        JsonNode tls = tcp.path("tlsConfig");
        if (url.startsWith("http://")) {
            if (tls.isObject()) {
                errors.invalid(CONNECTION.child("tlsConfig"), "nil", "config must not be present when using HTTP");
            }
        } else if (!url.startsWith("https://")) {
            errors.invalid(CONNECTION.child("url"), url, "supported connection protocols are http:// and https://");
        } else if (!tls.isObject()) {
            errors.required(CONNECTION.child("tlsConfig"), "TLSConfig must be present when using HTTPS");
        } else {
            FieldPath path = CONNECTION.child("tlsConfig");
            String authorities = tls.path("caBundle").asText("");
            if (!authorities.isEmpty() && !Files.exists(Path.of(authorities))) {
                errors.invalid(path.child("caBundle"), authorities, "TLS config ca bundle does not exist");
            }
            checkFile(
                    tls, "clientCert", "Using TLS requires clientCert", "TLS client cert does not exist", path, errors);
            // The word that stands there twice does so in the original.
            checkFile(
                    tls,
                    "clientKey",
                    "Using TLS requires requires clientKey",
                    "TLS client key does not exist",
                    path,
                    errors);
        }
    }

    private static void checkFile(
            JsonNode tls, String field, String unnamed, String missing, FieldPath path, FieldErrors errors) {
        String file = tls.path(field).asText("");
        if (file.isEmpty()) {
            errors.invalid(path.child(field), "nil", unnamed);
        } else if (!Files.exists(Path.of(file))) {
            errors.invalid(path.child(field), file, missing);
        }
    }

    private static EgressType type(String name) {
        for (EgressType type : EgressType.values()) {
            if (type.text().equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("unrecognized service name " + name);
    }

    private static Connection connection(JsonNode selection) {
        JsonNode connection = selection.path("connection");
        JsonNode transport = connection.path("transport");
        JsonNode tcp = transport.path("tcp");
        return switch (connection.path("proxyProtocol").asText("")) {
            case "Direct" -> new Connection.Direct();
            case "GRPC" ->
                new Connection.Konnectivity(
                        Path.of(transport.path("uds").path("udsName").asText("")));
            default ->
                tcp.isObject()
                        ? new Connection.OverTcp(tcp.path("url").asText(""), tls(tcp.path("tlsConfig")))
                        : new Connection.OverUnixSocket(
                                Path.of(transport.path("uds").path("udsName").asText("")));
        };
    }

    private static @Nullable Tls tls(JsonNode tls) {
        if (!tls.isObject()) {
            return null;
        }
        String authorities = tls.path("caBundle").asText("");
        return new Tls(
                authorities.isEmpty() ? null : Path.of(authorities),
                Path.of(tls.path("clientCert").asText("")),
                Path.of(tls.path("clientKey").asText("")));
    }
}
