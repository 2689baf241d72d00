package io.keelson.agent.server;

import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.ExecRequest;
import io.keelson.agent.wire.cri.PortForwardRequest;
import io.keelson.agent.wire.cri.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code /exec}, {@code /attach} and {@code /portForward}: asks the runtime at which URL it streams. What is said there
 * is for the client and the runtime alone. Any thread.
 */
final class StreamRoute {
    private static final Duration CALL_MAX = Duration.ofMinutes(2);
    private static final int PORT_MAX = 65_535;

    private final AgentPods pods;
    private final RuntimeConnection runtime;

    /** Which streams of a process are wanted. */
    private record Streams(boolean in, boolean out, boolean error, boolean tty) {
        static Streams of(NodeRequest request) {
            boolean tty = request.value("tty").equals("1");
            Streams streams = new Streams(
                    request.value("input").equals("1"),
                    request.value("output").equals("1"),
                    // A terminal has one output.
                    !tty && request.value("error").equals("1"),
                    tty);
            if (!streams.in && !streams.out && !streams.error) {
                throw new IllegalArgumentException("you must specify at least 1 of stdin, stdout, stderr");
            }
            return streams;
        }
    }

    StreamRoute(AgentPods pods, RuntimeConnection runtime) {
        this.pods = pods;
        this.runtime = runtime;
    }

    Answer answer(NodeRequest request) {
        List<String> path = request.path();
        boolean ports = request.first().equals("portForward");
        String uid = path.size() == (ports ? 4 : 5) ? path.get(3) : "";
        try {
            List<Integer> wanted = ports ? ports(request) : List.of();
            Optional<Streams> streams = ports ? Optional.empty() : Optional.of(Streams.of(request));
            Optional<Pod> pod = pods.find(path.get(1), path.get(2), uid);
            if (pod.isEmpty()) {
                return Answer.text(404, "pod does not exist");
            }
            if (!request.wantsUpgrade()) {
                return Answer.text(400, "Upgrade request required");
            }
            String url =
                    streams.isPresent() ? process(request, pod.get(), streams.get()) : portForward(pod.get(), wanted);
            return new Answer.Upgrade(URI.create(url));
        } catch (IllegalArgumentException e) {
            return Answer.text(400, String.valueOf(e.getMessage()));
        } catch (MissingException e) {
            return Answer.text(500, String.valueOf(e.getMessage()));
        } catch (StatusRuntimeException e) {
            int status = e.getStatus().getCode() == Status.Code.NOT_FOUND
                    ? 404
                    : e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED ? 429 : 500;
            return Answer.text(status, String.valueOf(e.getMessage()));
        }
    }

    /** There is nothing that runs. */
    private static final class MissingException extends Exception {
        private static final long serialVersionUID = 1;

        MissingException(String message) {
            super(message);
        }
    }

    private String process(NodeRequest request, Pod pod, Streams streams) throws MissingException {
        String container = request.path().getLast();
        String id = pods.runningContainer(pod, container)
                .orElseThrow(() -> new MissingException("container not found (\"" + container + "\")"));
        RuntimeServiceBlockingStub calls = runtime.runtime(CALL_MAX);
        if (request.first().equals("exec")) {
            return calls.exec(ExecRequest.newBuilder()
                            .setContainerId(id)
                            .addAllCmd(request.query().getOrDefault("command", List.of()))
                            .setTty(streams.tty())
                            .setStdin(streams.in())
                            .setStdout(streams.out())
                            .setStderr(streams.error())
                            .build())
                    .getUrl();
        }
        // Whether there is a terminal is not for who attaches to say; but who has none himself opens other streams.
        boolean tty = streams.tty() && PodContainers.terminal(pod, container).orElse(false);
        return calls.attach(AttachRequest.newBuilder()
                        .setContainerId(id)
                        .setTty(tty)
                        .setStdin(streams.in())
                        .setStdout(streams.out())
                        .setStderr(streams.error())
                        .build())
                .getUrl();
    }

    private String portForward(Pod pod, List<Integer> ports) throws MissingException {
        String id = pods.sandbox(pod)
                .orElseThrow(() -> new MissingException("failed to find sandboxID for pod "
                        + pod.getMetadata().getName() + "_" + pod.getMetadata().getNamespace() + "("
                        + pod.getMetadata().getUid() + ")"));
        return runtime.runtime(CALL_MAX)
                .portForward(PortForwardRequest.newBuilder()
                        .setPodSandboxId(id)
                        .addAllPort(ports)
                        .build())
                .getUrl();
    }

    /** Those that a WebSocket is for; of SPDY each stream says its own. */
    private static List<Integer> ports(NodeRequest request) {
        if (!request.wantsWebSocket()) {
            return List.of();
        }
        List<String> given = request.query().getOrDefault("port", List.of());
        if (given.isEmpty()) {
            throw new IllegalArgumentException("query parameter \"port\" is required");
        }
        List<Integer> ports = new ArrayList<>();
        for (String some : given) {
            if (some.isEmpty()) {
                throw new IllegalArgumentException("query parameter \"port\" cannot be empty");
            }
            for (String one : some.split(",", -1)) {
                ports.add(port(one));
            }
        }
        return ports;
    }

    private static int port(String text) {
        int port;
        try {
            port = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("unable to parse \"" + text + "\" as a port", e);
        }
        if (port > PORT_MAX || port < 0) {
            throw new IllegalArgumentException("unable to parse \"" + text + "\" as a port");
        }
        if (port < 1) {
            throw new IllegalArgumentException("port \"" + text + "\" must be > 0");
        }
        return port;
    }
}
