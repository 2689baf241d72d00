package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.keelson.raft.FreePorts;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ServiceManagerTest {
    private static final long PATIENCE_S = 20;

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listenToItsLog() {
        assumeTrue(Epoll.isAvailable(), "no native transport on this machine");
        logged.start();
        logger().addAppender(logged);
    }

    @AfterEach
    void listenNoMore() {
        logger().detachAppender(logged);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(ServiceManager.class);
    }

    private void tellAt(String listensAt, String variable) throws InterruptedException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            Channel _ = new Bootstrap()
                    .group(loop)
                    .channel(EpollDomainDatagramChannel.class)
                    .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                        @Override
                        protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                            received.add(packet.content().toString(StandardCharsets.US_ASCII));
                        }
                    })
                    .bind(new DomainSocketAddress(listensAt))
                    .sync()
                    .channel();
            ServiceManager.of(Map.of("NOTIFY_SOCKET", variable)).tellReady();
            assertEquals("READY=1\n", received.poll(PATIENCE_S, TimeUnit.SECONDS));
            assertNull(received.poll(), "said once");
            assertEquals(List.of(), logged.list);
        } finally {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void readinessIsToldAtASocketInADirectory(@TempDir Path folder) throws Exception {
        String path = folder.resolve("notify").toString();
        tellAt(path, path);
    }

    @Test
    void readinessIsToldAtASocketInNoDirectory() throws Exception {
        String name = "keelson-test-" + UUID.randomUUID();
        tellAt("\0" + name, "@" + name);
    }

    @Test
    void withoutAServiceManagerNothingIsTold() throws Exception {
        ServiceManager.of(Map.of()).tellReady();
        ServiceManager.of(Map.of("NOTIFY_SOCKET", "")).tellReady();
        assertEquals(List.of(), logged.list);
    }

    @Test
    void aSocketThatNobodyListensAtIsLoggedAndHoldsNobodyUp(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("notify");
        ServiceManager.of(Map.of("NOTIFY_SOCKET", path.toString())).tellReady();
        assertEquals(1, logged.list.size());
        String text = logged.list.getFirst().getFormattedMessage();
        assertTrue(text.startsWith("failed to notify systemd for readiness at " + path + ": "), text);
    }

    @Test
    void aMemberIsReadyOnceItHasALeaderAndNotBeforeThoughItServes(@TempDir Path folder) throws Exception {
        try (KvServer alone = TestServers.start(TestServers.loneMember(folder.resolve("alone")))) {
            var _ = alone.ready().get(PATIENCE_S, TimeUnit.SECONDS);
        }
        List<String> flags = TestServers.loneMember(folder.resolve("one-of-two"));
        String peer = flags.stream()
                .filter(flag -> flag.startsWith("--initial-advertise-peer-urls="))
                .findFirst()
                .orElseThrow()
                .replaceFirst("^[^=]*=", "");
        flags.add("--initial-cluster=default=" + peer + ",other=http://127.0.0.1:" + FreePorts.one());
        flags.add("--wait-cluster-ready-timeout=100ms");
        try (KvServer one = TestServers.start(flags)) {
            assertFalse(one.clientUrls().isEmpty());
            assertFalse(one.ready().isDone());
        }
    }
}
