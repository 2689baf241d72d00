package io.keelson.cloud.local;

import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes datagrams on. Each sender has a socket of its own towards its node, so that answers find the way back; of
 * senders that are too many the one that has been silent longest is forgotten. A sender whose node does not take traffic
 * any more gets another one within a second: it may never be silent, and a node that is gone need not say so. One thread
 * does it all, on one buffer.
 */
final class UdpForwarder implements Forwarder {
    private static final Logger LOG = LoggerFactory.getLogger(UdpForwarder.class);
    private static final int DATAGRAM_BYTES_MAX = 64 << 10;
    /** How many are taken of one socket before the others have their turn. */
    private static final int AT_ONCE = 64;

    private static final int LOOK_MILLIS_MAX = 1000;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS_MAX);

    private final InetSocketAddress address;
    private final Traffic traffic;
    private final LocalSettings settings;
    private final Selector selector = Selector.open();
    private final DatagramChannel front;
    private final ByteBuffer datagram = ByteBuffer.allocateDirect(DATAGRAM_BYTES_MAX);
    /** The longest silent first; the thread's own. */
    private final Map<InetSocketAddress, Flow> flows = new LinkedHashMap<>(16, 0.75f, true);

    private final Thread thread;
    private volatile boolean closed;

    private static final class Flow {
        private final InetSocketAddress client;
        private final InetSocketAddress target;
        private final DatagramChannel node;
        private long lastNanos;
        private long lookedNanos = System.nanoTime();

        private Flow(InetSocketAddress client, InetSocketAddress target, DatagramChannel node) {
            this.client = client;
            this.target = target;
            this.node = node;
        }
    }

    /**
     * Listens.
     *
     * @throws IOException if it cannot
     */
    UdpForwarder(InetSocketAddress address, Traffic traffic, LocalSettings settings) throws IOException {
        this.address = address;
        this.traffic = traffic;
        this.settings = settings;
        DatagramChannel channel;
        try {
            channel = open(address);
        } catch (IOException e) {
            selector.close();
            throw e;
        }
        try {
            channel.bind(address);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            channel.close();
            selector.close();
            throw e;
        }
        front = channel;
        thread = Thread.ofPlatform().daemon().name("udp " + address).start(this::run);
    }

    private static DatagramChannel open(InetSocketAddress address) throws IOException {
        boolean isV6 = address.getAddress().getAddress().length == 16;
        return DatagramChannel.open(isV6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    }

    private void run() {
        long lookMillis = Math.clamp(settings.flowTimeout().toMillis() / 2, 1, LOOK_MILLIS_MAX);
        while (!closed) {
            try {
                selector.select(this::ready, lookMillis);
                forgetSilent();
            } catch (IOException | RuntimeException e) {
                if (!closed && !(e instanceof ClosedSelectorException)) {
                    LOG.warn("{}: {}", address, e.toString());
                }
            }
        }
        flows.values().forEach(flow -> closeQuietly(flow.node));
        closeQuietly(front);
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Flow flow) {
            answers(flow);
        } else {
            questions();
        }
    }

    private void questions() {
        try {
            for (int i = 0; i < AT_ONCE; i++) {
                datagram.clear();
                if (!(front.receive(datagram) instanceof InetSocketAddress client)) {
                    return;
                }
                datagram.flip();
                Flow flow = flow(client);
                if (flow != null) {
                    send(flow);
                }
            }
        } catch (IOException e) {
            LOG.debug("{}: {}", address, e.getMessage());
        }
    }

    private void send(Flow flow) {
        try {
            flow.node.write(datagram);
        } catch (IOException e) {
            // The node has said that nobody listens: the next datagram finds another way.
            forget(flow);
        }
    }

    private @Nullable Flow flow(InetSocketAddress client) throws IOException {
        String text = client.getAddress().getHostAddress();
        int scope = text.indexOf('%');
        IpAddress source = IpAddress.parse(scope < 0 ? text : text.substring(0, scope));
        if (source == null || !traffic.takes(source)) {
            return null;
        }
        Flow known = flows.get(client);
        if (known != null && isStillRight(known)) {
            known.lastNanos = System.nanoTime();
            return known;
        }
        List<InetSocketAddress> targets = traffic.targets(source);
        if (targets.isEmpty()) {
            return null;
        }
        if (flows.size() >= settings.maxFlows()) {
            forget(flows.values().iterator().next());
        }
        DatagramChannel node = open(targets.getFirst());
        Flow flow = new Flow(client, targets.getFirst(), node);
        try {
            node.connect(targets.getFirst());
            node.configureBlocking(false);
            node.register(selector, SelectionKey.OP_READ, flow);
        } catch (IOException e) {
            closeQuietly(node);
            throw e;
        }
        flow.lastNanos = System.nanoTime();
        flows.put(client, flow);
        return flow;
    }

    /** Looks no more often than each second whether a sender's node still takes its traffic; if not, it is forgotten. */
    private boolean isStillRight(Flow flow) {
        long now = System.nanoTime();
        if (now - flow.lookedNanos < LOOK_NANOS) {
            return true;
        }
        flow.lookedNanos = now;
        if (traffic.leadsTo(flow.target)) {
            return true;
        }
        forget(flow);
        return false;
    }

    private void answers(Flow flow) {
        try {
            for (int i = 0; i < AT_ONCE; i++) {
                datagram.clear();
                if (flow.node.read(datagram) <= 0) {
                    return;
                }
                datagram.flip();
                flow.lastNanos = System.nanoTime();
                Flow _ = flows.get(flow.client);
                front.send(datagram, flow.client);
            }
        } catch (IOException e) {
            forget(flow);
        }
    }

    private void forgetSilent() {
        long now = System.nanoTime();
        Iterator<Flow> eldest = flows.values().iterator();
        while (eldest.hasNext()) {
            Flow flow = eldest.next();
            if (now - flow.lastNanos < settings.flowTimeout().toNanos()) {
                return;
            }
            eldest.remove();
            closeQuietly(flow.node);
        }
    }

    private void forget(Flow flow) {
        flows.remove(flow.client, flow);
        closeQuietly(flow.node);
    }

    private static void closeQuietly(DatagramChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a socket that is given up: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            selector.close();
        } catch (IOException e) {
            LOG.debug("{}: {}", address, e.getMessage());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
