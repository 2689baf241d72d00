package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ExecAction;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.pods.ContainerEnvironment;
import io.keelson.agent.probe.ProbeAnswer.Outcome;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Asks a container in the way its probe says. */
public final class ContainerProber implements Prober {
    private static final int OUTPUT_MAX = 10 * 1024;
    /** How much longer than the command the call may take that runs it. */
    private static final Duration AROUND = Duration.ofSeconds(5);

    private final RuntimeConnection runtime;
    private final ContainerEnvironment environment;

    /** Runs commands through a runtime. */
    public ContainerProber(RuntimeConnection runtime, ContainerEnvironment environment) {
        this.runtime = runtime;
        this.environment = environment;
    }

    @Override
    public ProbeAnswer ask(Container container, String containerId, Probe probe, String podIp)
            throws InterruptedException {
        Duration limit = Duration.ofSeconds(Math.max(1, OrEmpty.of(probe.getTimeoutSeconds())));
        List<ContainerPort> ports = OrEmpty.of(container.getPorts());
        try {
            if (probe.getExec() != null) {
                return exec(container, containerId, probe.getExec(), limit);
            }
            if (probe.getHttpGet() != null) {
                return http(probe.getHttpGet(), ports, podIp, limit);
            }
            if (probe.getTcpSocket() != null) {
                return tcp(probe.getTcpSocket(), ports, podIp, limit);
            }
            if (probe.getGrpc() != null) {
                return grpc(probe.getGrpc(), podIp, limit);
            }
        } catch (IllegalArgumentException e) {
            return new ProbeAnswer(Outcome.ERROR, OrEmpty.of(e.getMessage()));
        }
        return new ProbeAnswer(Outcome.ERROR, "missing probe handler for " + container.getName());
    }

    private ProbeAnswer exec(Container container, String containerId, ExecAction action, Duration limit)
            throws InterruptedException {
        Map<String, String> variables = new HashMap<>();
        for (EnvVar variable : OrEmpty.of(container.getEnv())) {
            if (variable.getValue() != null) {
                variables.put(variable.getName(), variable.getValue());
            }
        }
        List<String> command = OrEmpty.of(action.getCommand()).stream()
                .map(word -> environment.expanded(word, variables))
                .toList();
        try {
            ExecSyncResponse done = runtime.runtime(limit.plus(AROUND))
                    .execSync(ExecSyncRequest.newBuilder()
                            .setContainerId(containerId)
                            .addAllCmd(command)
                            .setTimeout(limit.toSeconds())
                            .build());
            String output = done.getStdout().concat(done.getStderr()).toStringUtf8();
            String text = output.substring(0, Math.min(output.length(), OUTPUT_MAX));
            return new ProbeAnswer(done.getExitCode() == 0 ? Outcome.SUCCESS : Outcome.FAILURE, text);
        } catch (StatusRuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the probe is not wanted any more");
            }
            if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
                return new ProbeAnswer(
                        Outcome.FAILURE,
                        "command timed out: \"" + String.join(" ", command) + "\" timed out after "
                                + GoDuration.text(limit));
            }
            return new ProbeAnswer(Outcome.ERROR, OrEmpty.of(e.getMessage()));
        }
    }

    private static ProbeAnswer http(HTTPGetAction action, List<ContainerPort> ports, String podIp, Duration limit) {
        String host = OrEmpty.of(action.getHost());
        String scheme = OrEmpty.of(action.getScheme()).equalsIgnoreCase("https") ? "https" : "http";
        HttpCall call = new HttpCall(
                scheme,
                host.isEmpty() ? podIp : host,
                ContainerPorts.number(action.getPort(), ports),
                OrEmpty.of(action.getPath()));
        try {
            HttpCall.Answer answer = call.get(OrEmpty.of(action.getHttpHeaders()), limit);
            if (answer.status() < 200 || answer.status() >= 400) {
                return new ProbeAnswer(Outcome.FAILURE, "HTTP probe failed with statuscode: " + answer.status());
            }
            return answer.status() >= 300
                    ? new ProbeAnswer(Outcome.WARNING, "Probe terminated redirects, Response body: ")
                    : new ProbeAnswer(Outcome.SUCCESS, "");
        } catch (IOException e) {
            return new ProbeAnswer(Outcome.FAILURE, OrEmpty.of(e.getMessage()));
        }
    }

    private static ProbeAnswer tcp(TCPSocketAction action, List<ContainerPort> ports, String podIp, Duration limit) {
        String given = OrEmpty.of(action.getHost());
        String host = given.isEmpty() ? podIp : given;
        int port = ContainerPorts.number(action.getPort(), ports);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), Math.toIntExact(limit.toMillis()));
            socket.setSoLinger(true, 0);
            return new ProbeAnswer(Outcome.SUCCESS, "");
        } catch (SocketTimeoutException e) {
            return new ProbeAnswer(Outcome.FAILURE, "dial tcp " + host + ':' + port + ": i/o timeout");
        } catch (IOException e) {
            return new ProbeAnswer(Outcome.FAILURE, HttpCall.text(e, host, port));
        }
    }

    private static ProbeAnswer grpc(GRPCAction action, String podIp, Duration limit) throws InterruptedException {
        int port = OrEmpty.of(action.getPort());
        String shown = podIp.indexOf(':') >= 0 ? '[' + podIp + ']' : podIp;
        ManagedChannel channel = NettyChannelBuilder.forAddress(new InetSocketAddress(podIp, port))
                .usePlaintext()
                .userAgent("kube-probe/1.36")
                .maxInboundMessageSize(OUTPUT_MAX)
                .build();
        try {
            HealthCheckResponse answer = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .check(HealthCheckRequest.newBuilder()
                            .setService(OrEmpty.of(action.getService()))
                            .build());
            if (answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING) {
                return new ProbeAnswer(Outcome.SUCCESS, "service healthy");
            }
            return new ProbeAnswer(
                    Outcome.FAILURE, "service unhealthy (responded with \"" + answer.getStatus() + "\")");
        } catch (StatusRuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the probe is not wanted any more");
            }
            return new ProbeAnswer(Outcome.FAILURE, text(e, shown + ':' + port, limit));
        } finally {
            channel.shutdownNow();
        }
    }

    private static String text(StatusRuntimeException refusal, String address, Duration limit) {
        String said = refusal.getStatus().getCode().name().toLowerCase(Locale.ROOT) + ": "
                + OrEmpty.of(refusal.getStatus().getDescription());
        return switch (refusal.getStatus().getCode()) {
            case UNIMPLEMENTED ->
                "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
                        + OrEmpty.of(refusal.getStatus().getDescription());
            case DEADLINE_EXCEEDED -> "timeout: health rpc did not complete within " + GoDuration.text(limit);
            case UNAVAILABLE ->
                "timeout: failed to connect service \"" + address + "\" within " + GoDuration.text(limit)
                        + ": connection refused";
            default -> "error: health rpc probe failed: " + said;
        };
    }
}
