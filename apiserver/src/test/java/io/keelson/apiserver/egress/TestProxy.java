package io.keelson.apiserver.egress;

import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.certs.SigningKey;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLServerSocket;

/** A proxy that speaks CONNECT, for tests of other packages too. Where names lead is for the test to say. */
public final class TestProxy implements AutoCloseable {
    private final Closeable listener;
    private final Accepting accepting;
    private final String transport;
    private final String shown;
    private final Map<String, Integer> ways = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private interface Accepting {
        Socket accept() throws IOException;
    }

    private TestProxy(Closeable listener, Accepting accepting, String transport, String shown) {
        this.listener = listener;
        this.accepting = accepting;
        this.transport = transport;
        this.shown = shown;
        Thread.ofVirtual().start(this::accept);
    }

    public static TestProxy overTcp() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        String place = "127.0.0.1:" + server.getLocalPort();
        return new TestProxy(server, server::accept, "{tcp: {url: 'http://" + place + "'}}", place);
    }

    /**
     * One that wants a certificate.
     *
     * @param folder where the files lie that the configuration names
     */
    public static TestProxy overTls(Path folder) throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("proxies", Instant.now());
        var own = authority.issue(
                CertificateProfile.server("proxy", List.of("127.0.0.1")), SigningKey.EC_P256, Instant.now());
        var client = authority.issue(CertificateProfile.client("egress"), SigningKey.EC_P256, Instant.now());
        Path ca = Files.write(folder.resolve("proxy-ca.crt"), Pem.encode(authority.certificate()));
        Path certificate = Files.write(folder.resolve("egress.crt"), Pem.encode(client.certificate()));
        Path key = Files.write(folder.resolve("egress.key"), Pem.encode(client.key()));
        SSLServerSocket server =
                (SSLServerSocket) new RemoteServer("proxy", List.of(authority.certificate()), own, "", "", "", false)
                        .tls()
                        .getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(true);
        String place = "127.0.0.1:" + server.getLocalPort();
        return new TestProxy(
                server,
                server::accept,
                "{tcp: {url: 'https://" + place + "', tlsConfig: {caBundle: '" + ca + "', clientCert: '" + certificate
                        + "', clientKey: '" + key + "'}}}",
                place);
    }

    public static TestProxy overUnixSocket(Path socket) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        return new TestProxy(
                server, () -> new UnixSocket(server.accept()), "{uds: {udsName: '" + socket + "'}}", socket.toString());
    }

    /** Has a target lead to a port of loopback; one that is not named leads nowhere. */
    public TestProxy lead(String target, int port) {
        ways.put(target, port);
        return this;
    }

    /** The targets that were asked for, in order. */
    public List<String> asked() {
        return asked;
    }

    /** Where it listens, as errors show it. */
    String shown() {
        return shown;
    }

    /** An element of {@code egressSelections}. */
    public String selection(String name) {
        return "{name: " + name + ", connection: {proxyProtocol: HTTPConnect, transport: " + transport + "}}";
    }

    /** Writes a configuration. */
    public static Path configuration(Path folder, String... selections) throws IOException {
        return Files.writeString(
                folder.resolve("egress.yaml"),
                "apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections: ["
                        + String.join(", ", selections) + "]\n");
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = accepting.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return; // Closed.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            String target = head(in).split(" ", -1)[1];
            asked.add(target);
            Integer port = ways.get(target);
            if (port == null) {
                write(out, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                return;
            }
            try (Socket to = new Socket(InetAddress.getLoopbackAddress(), port)) {
                open.add(to);
                write(out, "HTTP/1.1 200 Connection established\r\nX-Proxy: test\r\n\r\n");
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        to.getInputStream().transferTo(out);
                    } catch (IOException e) {
                        // One of the two has left.
                    }
                });
                in.transferTo(to.getOutputStream());
            }
        } catch (IOException e) {
            // One of the two has left.
        } finally {
            open.remove(socket);
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
