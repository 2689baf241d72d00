package io.keelson.apiserver.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Measures requests a second for a handler that does nothing, with 32 clients that each wait for their answer, and what
 * the server's own threads spend for one. The clients are as light as they can be, but share the machine. Arguments:
 * seconds to warm up and to measure.
 */
final class FrontBench {
    private static final int CLIENTS = 32;

    private FrontBench() {}

    public static void main(String[] arguments) throws Exception {
        int warmUp = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        int measured = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        System.out.println("protocol              requests/s   server CPU per request");
        for (boolean tls : new boolean[] {false, true}) {
            for (boolean http2 : new boolean[] {false, true}) {
                try (TestServer server = tls ? TestServer.tls() : TestServer.plain()) {
                    run(server, tls, http2, warmUp, measured);
                }
            }
        }
    }

    private static void run(TestServer server, boolean tls, boolean http2, int warmUp, int measured) throws Exception {
        LongAdder answers = new LongAdder();
        AtomicBoolean end = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(Thread.ofPlatform().name("client").start(() -> {
                try (Socket socket = connect(server.front.port(), tls, http2)) {
                    Client client = http2 ? new Http2Client(socket) : new Http1Client(socket);
                    while (!end.get()) {
                        client.ask();
                        answers.increment();
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        Thread.sleep(warmUp * 1_000L);
        long answersBefore = answers.sum();
        long cpuBefore = serverCpuNanos();
        long begin = System.nanoTime();
        Thread.sleep(measured * 1_000L);
        double seconds = (System.nanoTime() - begin) / 1e9;
        long count = answers.sum() - answersBefore;
        long cpu = serverCpuNanos() - cpuBefore;
        System.out.printf(
                Locale.ROOT,
                "%-20s %,11.0f   %.1f µs%n",
                (http2 ? "HTTP/2" : "HTTP/1.1") + (tls ? " over TLS" : ""),
                count / seconds,
                cpu / 1e3 / count);
        end.set(true);
        for (Thread client : clients) {
            client.join();
        }
    }

    /** Event loops, and the carriers of virtual threads. */
    private static long serverCpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo info = threads.getThreadInfo(id);
            if (info != null
                    && (info.getThreadName().startsWith("http-")
                            || info.getThreadName().contains("worker"))) {
                sum += Math.max(0, threads.getThreadCpuTime(id));
            }
        }
        return sum;
    }

    private static Socket connect(int port, boolean tls, boolean http2) throws IOException {
        if (!tls) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            return socket;
        }
        SSLSocket socket = (SSLSocket)
                TestCertificates.client(null).getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {http2 ? "h2" : "http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private interface Client {
        void ask() throws IOException;
    }

    private static final class Http1Client implements Client {
        private static final byte[] REQUEST = "GET /hello HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        private static final byte[] END = "\r\n\r\nhello".getBytes(StandardCharsets.US_ASCII);

        private final Socket socket;
        private final byte[] buffer = new byte[4_096];

        Http1Client(Socket socket) {
            this.socket = socket;
        }

        @Override
        public void ask() throws IOException {
            socket.getOutputStream().write(REQUEST);
            int length = 0;
            while (!ends(length)) {
                int count = socket.getInputStream().read(buffer, length, buffer.length - length);
                if (count < 0) {
                    throw new IOException("closed");
                }
                length += count;
            }
        }

        private boolean ends(int length) {
            return length >= END.length && Arrays.equals(buffer, length - END.length, length, END, 0, END.length);
        }
    }

    private static final class Http2Client implements Client {
        private static final int DATA = 0;
        private static final int HEADERS = 1;
        private static final int SETTINGS = 4;
        private static final int WINDOW_UPDATE = 8;
        private static final int END_STREAM = 1;

        private final OutputStream out;
        private final DataInputStream in;
        private final byte[] block;
        private int stream = -1;

        Http2Client(Socket socket) throws IOException {
            out = socket.getOutputStream();
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 16 << 10));
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            send(SETTINGS, 0, 0, new byte[0]);
            send(WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0});
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            head.writeBytes(new byte[] {(byte) 0x82, (byte) 0x86, 0x04, 6});
            head.writeBytes("/hello".getBytes(StandardCharsets.US_ASCII));
            head.writeBytes(new byte[] {0x01, 1, 'h'});
            block = head.toByteArray();
        }

        private void send(int type, int flags, int id, byte[] payload) throws IOException {
            byte[] frame = new byte[9 + payload.length];
            frame[1] = (byte) (payload.length >> 8);
            frame[2] = (byte) payload.length;
            frame[3] = (byte) type;
            frame[4] = (byte) flags;
            for (int i = 0; i < 4; i++) {
                frame[5 + i] = (byte) (id >> (24 - 8 * i));
            }
            System.arraycopy(payload, 0, frame, 9, payload.length);
            out.write(frame);
        }

        @Override
        public void ask() throws IOException {
            stream += 2;
            send(HEADERS, 4 | END_STREAM, stream, block);
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int id = in.readInt();
                in.skipNBytes(length);
                if (type == SETTINGS && flags == 0) {
                    send(SETTINGS, 1, 0, new byte[0]);
                }
                if (type == DATA && id == stream && (flags & END_STREAM) != 0) {
                    return;
                }
            }
        }
    }
}
