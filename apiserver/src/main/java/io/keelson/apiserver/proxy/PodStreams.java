package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.http.websocket.ChannelProtocol;
import io.keelson.apiserver.http.websocket.Channels;
import io.keelson.apiserver.http.websocket.Tunnel;
import io.keelson.apiserver.http.websocket.WebSocketUpgrade;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.rest.ResourceHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code pods/exec}, {@code pods/attach} and {@code pods/portforward}: streams between a client and the agent of
 * the pod's node. SPDY passes through as it is, and so do WebSockets if the agent understands all of them. Others get what
 * they understand: channels of {@code v5} become streams of SPDY ({@link StreamTranslation}), and SPDY within a WebSocket is
 * unpacked.
 */
final class PodStreams implements ResourceHandler.SubresourceHandler {
    private static final Logger log = LoggerFactory.getLogger(PodStreams.class);

    /** Clients send some 32 KB at a time. */
    private static final int MESSAGE_BYTES_MAX = 1 << 20;

    private static final String STREAM_PROTOCOL = "X-Stream-Protocol-Version";
    private static final String PORT_FORWARD = "portforward.k8s.io";

    /** How long a node may take to say that it streams: it has to reach its container runtime. */
    private static final Duration HEAD_MAX = Duration.ofSeconds(60);

    private final Kind kind;
    private final ObjectLookup objects;
    private final Kubelets kubelets;
    private final Backends backends;
    private final Forwarding forwarding;
    private final Throttle throttle;
    private final ConnectAdmission admission;

    /** What is streamed. */
    enum Kind {
        EXEC("exec", "PodExecOptions"),
        ATTACH("attach", "PodAttachOptions"),
        PORT_FORWARD("portForward", "PodPortForwardOptions");

        private final String path;
        private final String options;

        Kind(String path, String options) {
            this.path = path;
            this.options = options;
        }
    }

    PodStreams(
            Kind kind,
            ObjectLookup objects,
            Kubelets kubelets,
            Backends backends,
            Forwarding forwarding,
            Throttle throttle,
            ConnectAdmission admission) {
        this.kind = kind;
        this.objects = objects;
        this.kubelets = kubelets;
        this.backends = backends;
        this.forwarding = forwarding;
        this.throttle = throttle;
        this.admission = admission;
    }

    @Override
    public ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        if (!request.method().equals("GET") && !request.method().equals("POST")) {
            throw ApiException.methodNotAllowed();
        }
        admission.admit(request, resource, kind.options, options(request));
        admission.requireCreate(request);
        String namespace = request.info().namespace();
        String name = request.info().name();
        ObjectNode pod = objects.now("", "pods", namespace, name);
        if (pod == null) {
            throw ApiException.notFound(resource.name(), name);
        }
        StreamOptions streams = StreamOptions.parse(request.query());
        String path = "/" + kind.path + "/" + namespace + "/" + name;
        if (kind != Kind.PORT_FORWARD) {
            path += "/" + PodContainer.forStreams(pod, request.query().text("container"));
        }
        String node = pod.path("spec").path("nodeName").asText("");
        if (node.isEmpty()) {
            throw ApiException.badRequest("pod " + name + " does not have a host assigned");
        }
        Kubelet kubelet = kubelets.of(node);
        String target = ProxyPath.escape(path)
                + (kind == Kind.PORT_FORWARD ? ports(request.query().all("ports")) : streams.query());
        if (WebSocketUpgrade.isWanted(request) && !kubelet.speaksWebSockets()) {
            List<String> protocols = protocols(request);
            if (kind == Kind.PORT_FORWARD && protocols.contains(ChannelProtocol.PORT_FORWARD_TUNNEL)) {
                return tunnel(request, kubelet, target);
            }
            if (kind != Kind.PORT_FORWARD && protocols.contains(ChannelProtocol.V5.text())) {
                return translation(request, kubelet, target, streams);
            }
        }
        return forwarding.forward(
                request,
                new Forwarding.Way(
                        kubelet.destination(),
                        address(kubelet),
                        target,
                        Map.of(),
                        true,
                        null,
                        kubelets.timeout(),
                        HEAD_MAX,
                        false,
                        (why, _) -> {
                            throw failure(why);
                        }));
    }

    private ObjectNode options(ApiRequest request) {
        ObjectNode options = Json.object();
        if (kind == Kind.PORT_FORWARD) {
            List<Integer> ports = portNumbers(request.query().all("ports"));
            if (!ports.isEmpty()) {
                ports.forEach(options.putArray("ports")::add);
            }
            return options;
        }
        for (String flag : List.of("stdin", "stdout", "stderr", "tty")) {
            ConnectAdmission.flag(options, request.query(), flag);
        }
        ConnectAdmission.text(options, request.query(), "container");
        if (kind == Kind.EXEC) {
            ConnectAdmission.texts(options, request.query(), "command");
        }
        return options;
    }

    private static List<Integer> portNumbers(List<String> texts) {
        List<Integer> ports = new ArrayList<>();
        for (String text : texts) {
            for (String port : text.split(",", -1)) {
                try {
                    ports.add(Integer.parseInt(port));
                } catch (NumberFormatException e) {
                    throw ApiException.badRequest("unable to parse \"" + port + "\" as a port");
                }
            }
        }
        return ports;
    }

    private static String ports(List<String> texts) {
        List<String> ports =
                portNumbers(texts).stream().map(port -> Integer.toString(port)).toList();
        return ports.isEmpty() ? "" : "?port=" + URLEncoder.encode(String.join(",", ports), StandardCharsets.UTF_8);
    }

    private static List<String> protocols(ApiRequest request) {
        List<String> protocols = new ArrayList<>();
        for (String value : request.headers().all("Sec-WebSocket-Protocol")) {
            for (String protocol : value.split(",", -1)) {
                protocols.add(protocol.trim());
            }
        }
        return protocols;
    }

    private @Nullable InetAddress address(Kubelet kubelet) {
        try {
            return backends.resolve(kubelet.destination().host());
        } catch (BackendException e) {
            throw failure(e);
        }
    }

    private static ApiException failure(BackendException why) {
        return ApiException.of(Reason.UNKNOWN, "error dialing backend: " + why.message());
    }

    /** Asks the agent for SPDY. */
    private BackendCall spdy(ApiRequest request, Kubelet kubelet, String target, String protocol)
            throws BackendException {
        Destination destination = kubelet.destination();
        return BackendCall.send(
                backends,
                destination,
                backends.resolve(destination.host()),
                new BackendRequest(
                        "POST",
                        target,
                        destination.authority(),
                        Map.of(STREAM_PROTOCOL, List.of(protocol)),
                        SpdySession.PROTOCOL,
                        null,
                        0,
                        false),
                new BackendCall.Patience(kubelets.timeout(), HEAD_MAX, request::clientGone));
    }

    private ApiResponse translation(ApiRequest request, Kubelet kubelet, String target, StreamOptions streams) {
        return WebSocketUpgrade.accept(
                request,
                List.of(ChannelProtocol.V5.text()),
                MESSAGE_BYTES_MAX,
                (socket, _) -> StreamTranslation.run(
                        () -> spdy(request, kubelet, target, ChannelProtocol.V4.text()),
                        throttle,
                        streams,
                        new Channels(socket, ChannelProtocol.V5)));
    }

    private ApiResponse tunnel(ApiRequest request, Kubelet kubelet, String target) {
        // Whatever is wrong with the handshake is to be said before the node is called.
        List<String> protocols = List.of(ChannelProtocol.PORT_FORWARD_TUNNEL);
        var _ = WebSocketUpgrade.accept(request, protocols, MESSAGE_BYTES_MAX, (_, _) -> {});
        BackendCall call;
        try {
            call = spdy(request, kubelet, target, PORT_FORWARD);
        } catch (BackendException e) {
            throw failure(e);
        }
        if (!call.answer().switchesProtocols()) {
            ApiException refused = refused(call);
            call.close();
            throw refused;
        }
        return WebSocketUpgrade.accept(request, protocols, MESSAGE_BYTES_MAX, (socket, _) -> {
            Tunnel tunnel = new Tunnel(socket);
            try (call;
                    InputStream fromNode = throttle.reading(call.raw());
                    OutputStream toNode = throttle.writing(call.rawOutput())) {
                Thread.ofVirtual().name("client to port").start(() -> {
                    try (call) {
                        Forwarding.pass(tunnel.input(), toNode);
                    } catch (IOException e) {
                        log.trace("a tunnel ends", e);
                    }
                });
                Forwarding.pass(fromNode, tunnel.output());
            } catch (IOException e) {
                log.trace("a tunnel ends", e);
            }
        });
    }

    private static ApiException refused(BackendCall call) {
        String text = new String(call.beginning(MESSAGE_BYTES_MAX), StandardCharsets.UTF_8).strip();
        Reason reason = reason(call.status());
        String why = text.isEmpty() ? "status " + call.status() : text;
        return ApiException.of(reason == null ? Reason.UNKNOWN : reason, "unable to upgrade connection: " + why);
    }

    private static @Nullable Reason reason(int status) {
        return switch (status) {
            case 400 -> Reason.BAD_REQUEST;
            case 403 -> Reason.FORBIDDEN;
            case 404 -> Reason.NOT_FOUND;
            case 500 -> Reason.INTERNAL_ERROR;
            default -> null;
        };
    }
}
