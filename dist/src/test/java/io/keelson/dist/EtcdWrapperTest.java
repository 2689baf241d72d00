package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.FreePorts;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A script named {@code etcd} that runs {@code keelson kvstore} stands in for etcd's own program. */
@Timeout(180)
final class EtcdWrapperTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Path etcd;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    EtcdWrapperTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        Path keelson = TestDistribution.in(folder.resolve("keelson"));
        etcd = folder.resolve("etcd");
        Files.writeString(etcd, "#!/bin/sh\nexec '" + keelson + "' kvstore \"$@\"\n");
        TestDistribution.makeExecutable(etcd);
    }

    private ProcessBuilder command(Path log, String... flags) {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(etcd.toString()), Stream.of(flags))
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        TestDistribution.prepare(builder.environment());
        return builder;
    }

    @Test
    void itTellsItsVersionAsEtcdDoes() throws Exception {
        Path output = folder.resolve("output");
        Process process = command(output, "--version").start();
        try {
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "it does not end");
        } finally {
            process.destroyForcibly().waitFor();
        }
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        assertTrue(text.startsWith("etcd Version: 3."), text);
    }

    private boolean isHealthy(String url) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/health"))
                .timeout(PATIENCE)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            // It does not listen yet.
            return false;
        }
    }

    private String post(String url, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return answer.body();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void itServesWithEtcdsFlagsAndEnvironment() throws Exception {
        String client = "http://127.0.0.1:" + FreePorts.one();
        String peer = "http://127.0.0.1:" + FreePorts.one();
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        ProcessBuilder builder = command(
                log,
                "--name=m1",
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=m1=" + peer);
        builder.environment().put("ETCD_DATA_DIR", data.toString());
        Path notified = folder.resolve("notify");
        builder.environment().put("NOTIFY_SOCKET", notified.toString());
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        EventLoopGroup manager = serviceManager(notified, told);
        Process process = builder.start();
        try {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!isHealthy(client)) {
                if (!process.isAlive() || System.nanoTime() - end > 0) {
                    throw new AssertionError("it does not come up:\n" + Files.readString(log));
                }
                Thread.sleep(20);
            }
            var _ = post(
                    client + "/v3/kv/put",
                    "{\"key\":\"" + base64("greeting") + "\",\"value\":\"" + base64("hello") + "\"}");
            String read = post(client + "/v3/kv/range", "{\"key\":\"" + base64("greeting") + "\"}");
            assertTrue(read.contains("\"value\":\"" + base64("hello") + "\""), read);
            assertTrue(Files.isDirectory(data));
            assertEquals("READY=1\n", told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS), "what systemd waits for");
            process.destroy();
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "it goes on when told to end");
        } finally {
            process.destroyForcibly().waitFor();
            var _ = manager.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** Listens as systemd does for services of the type notify. */
    private static EventLoopGroup serviceManager(Path socket, BlockingQueue<String> told) throws InterruptedException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Channel _ = new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                        told.add(packet.content().toString(StandardCharsets.US_ASCII));
                    }
                })
                .bind(new DomainSocketAddress(socket.toString()))
                .sync()
                .channel();
        return loop;
    }
}
