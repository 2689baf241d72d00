package io.keelson.agent.hooks;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.SleepAction;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.probe.ContainerPorts;
import io.keelson.agent.probe.HttpCall;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLException;

/** Runs hooks. */
public final class Hooks {
    /** How long a hook may take that nothing limits. */
    public static final Duration LONGEST = Duration.ofDays(1);

    private static final int OUTPUT_MAX = 1024;

    private final RuntimeConnection runtime;
    private final Time time;

    /** Runs commands through a runtime. */
    public Hooks(RuntimeConnection runtime, Time time) {
        this.runtime = runtime;
        this.time = time;
    }

    /**
     * A hook and whose it is.
     *
     * @param pod {@code NAME_NAMESPACE(UID)}, for messages
     * @param containerId the runtime's id of the run
     * @param podIp where the pod is; empty if that is not known
     */
    public record Hook(
            LifecycleHandler handler,
            String pod,
            String container,
            String containerId,
            List<ContainerPort> ports,
            String podIp) {}

    /**
     * Runs a hook, and waits for it no longer than the limit.
     *
     * @return what went wrong; empty if nothing did
     */
    public Optional<String> run(Hook hook, Duration limit) throws InterruptedException {
        LifecycleHandler handler = hook.handler();
        if (handler.getExec() != null) {
            return exec(hook, OrEmpty.of(handler.getExec().getCommand()), limit);
        }
        if (handler.getHttpGet() != null) {
            return http(hook, handler.getHttpGet(), limit);
        }
        if (handler.getSleep() != null) {
            return sleep(hook, handler.getSleep(), limit);
        }
        if (handler.getTcpSocket() != null) {
            return tcp(hook, handler.getTcpSocket(), limit);
        }
        return Optional.of("Cannot run handler for Container \"" + hook.container() + "\" in Pod \"" + hook.pod()
                + "\": invalid handler: nothing is to be done");
    }

    private Optional<String> exec(Hook hook, List<String> command, Duration limit) throws InterruptedException {
        String problem;
        String output = "";
        try {
            ExecSyncResponse done = runtime.runtime(limit)
                    .execSync(ExecSyncRequest.newBuilder()
                            .setContainerId(hook.containerId())
                            .addAllCmd(command)
                            .build());
            if (done.getExitCode() == 0) {
                return Optional.empty();
            }
            problem = "command '" + String.join(" ", command) + "' exited with " + done.getExitCode();
            String all = done.getStderr().concat(done.getStdout()).toStringUtf8();
            output = all.substring(0, Math.min(all.length(), OUTPUT_MAX));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.CANCELLED && Thread.interrupted()) {
                throw new InterruptedException("the hook is not wanted any more");
            }
            problem = OrEmpty.of(e.getMessage());
        }
        return Optional.of("Exec lifecycle hook ([" + String.join(" ", command) + "]) " + of(hook) + " failed - error: "
                + problem + ", message: \"" + output + '"');
    }

    private Optional<String> http(Hook hook, HTTPGetAction action, Duration limit) {
        String path = OrEmpty.of(action.getPath());
        try {
            String host = OrEmpty.of(action.getHost());
            boolean secure = OrEmpty.of(action.getScheme()).equalsIgnoreCase("https");
            HttpCall call = new HttpCall(
                    secure ? "https" : "http",
                    host.isEmpty() ? hook.podIp() : host,
                    ContainerPorts.number(action.getPort(), hook.ports()),
                    path);
            get(call, action, limit);
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of("HTTP lifecycle hook (" + path + ") " + of(hook) + " failed - error: " + e.getMessage()
                    + ", message: \"\"");
        }
    }

    /** Who asks for TLS of a server that has none gets what was always got: the answer without. */
    private static void get(HttpCall call, HTTPGetAction action, Duration limit) throws IOException {
        long begin = System.nanoTime();
        try {
            var _ = call.get(OrEmpty.of(action.getHttpHeaders()), limit);
        } catch (IOException e) {
            boolean spokePlain = call.scheme().equals("https") && e.getCause() instanceof SSLException;
            Duration left = limit.minusNanos(System.nanoTime() - begin);
            if (!spokePlain || !left.isPositive()) {
                throw e;
            }
            HttpCall plain = new HttpCall("http", call.host(), call.port(), call.path());
            var _ = plain.get(
                    OrEmpty.of(action.getHttpHeaders()).stream()
                            .filter(header -> !"authorization".equalsIgnoreCase(header.getName()))
                            .toList(),
                    left);
        }
    }

    /** That somebody takes the connection is all that is wanted of it. */
    private static Optional<String> tcp(Hook hook, TCPSocketAction action, Duration limit) throws InterruptedException {
        String named = OrEmpty.of(action.getHost());
        String host = named.isEmpty() ? hook.podIp() : named;
        String problem;
        int port = 0;
        try (Socket socket = new Socket()) {
            port = ContainerPorts.number(action.getPort(), hook.ports());
            socket.connect(new InetSocketAddress(host, port), Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE));
            return Optional.empty();
        } catch (SocketTimeoutException e) {
            problem = "dial tcp " + host + ':' + port + ": i/o timeout";
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the hook is not wanted any more");
            }
            problem = HttpCall.text(e, host, port);
        } catch (IllegalArgumentException e) {
            problem = OrEmpty.of(e.getMessage());
        }
        return Optional.of("TCP lifecycle hook (" + host + ':' + port + ") " + of(hook) + " failed - error: " + problem
                + ", message: \"\"");
    }

    private Optional<String> sleep(Hook hook, SleepAction action, Duration limit) throws InterruptedException {
        Duration wanted =
                Duration.ofSeconds(action.getSeconds() == null ? 0 : Math.min(action.getSeconds(), Integer.MAX_VALUE));
        boolean isTooLong = wanted.compareTo(limit) > 0;
        Duration pause = isTooLong ? limit : wanted;
        if (pause.isPositive()) {
            CountDownLatch over = new CountDownLatch(1);
            time.after(pause, over::countDown);
            over.await();
        }
        return isTooLong
                ? Optional.of("Sleep lifecycle hook (" + wanted.toSeconds() + ") " + of(hook)
                        + " failed - error: container terminated before sleep hook completed")
                : Optional.empty();
    }

    private static String of(Hook hook) {
        return "for Container \"" + hook.container() + "\" in Pod \"" + hook.pod() + '"';
    }
}
