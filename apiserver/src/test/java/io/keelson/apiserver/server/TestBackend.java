package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.certs.SigningKey;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A server that does to each connection what a test wants, and remembers what it was asked. */
final class TestBackend implements AutoCloseable {
    private static final int HEAD_BYTES_MAX = 64 << 10;

    private final ServerSocket server;
    private final Handler handler;
    private final X509Certificate authority;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Call> calls = new CopyOnWriteArrayList<>();

    /** Answers a request; the connection is closed when it returns. */
    interface Handler {
        void handle(Call call) throws IOException, InterruptedException;
    }

    /** @param client what the caller has shown; null for nothing */
    record Call(String head, @Nullable X509Certificate client, InputStream in, OutputStream out) {
        String method() {
            return head.substring(0, head.indexOf(' '));
        }

        /** Path and query. */
        String target() {
            int begin = head.indexOf(' ') + 1;
            return head.substring(begin, head.indexOf(' ', begin));
        }

        /** The values of a header field, joined; empty for none. */
        String field(String name) {
            StringBuilder values = new StringBuilder();
            for (String line : head.split("\r\n", -1)) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
                    values.append(values.isEmpty() ? "" : ", ")
                            .append(line.substring(colon + 1).trim());
                }
            }
            return values.toString();
        }

        byte[] body() throws IOException {
            String length = field("Content-Length");
            if (!length.isEmpty()) {
                return in.readNBytes(Integer.parseInt(length));
            }
            var whole = new java.io.ByteArrayOutputStream();
            if (field("Transfer-Encoding").equals("chunked")) {
                int size;
                do {
                    size = Integer.parseInt(line(in), 16);
                    whole.write(in.readNBytes(size));
                    line(in);
                } while (size > 0);
            }
            return whole.toByteArray();
        }

        void answer(int status, String type, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            write("HTTP/1.1 " + status + " X\r\nContent-Type: " + type + "\r\nContent-Length: " + bytes.length
                    + "\r\n\r\n");
            out.write(bytes);
            out.flush();
        }

        void write(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        void chunk(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            write(Integer.toHexString(bytes.length) + "\r\n" + text + "\r\n");
        }
    }

    /** @param names of the certificate; none for a server without TLS */
    TestBackend(InetAddress address, List<String> names, Handler handler) throws IOException, GeneralSecurityException {
        this.handler = handler;
        CertificateAuthority issuer = CertificateAuthority.create("test backends", Instant.now());
        this.authority = issuer.certificate();
        if (names.isEmpty()) {
            server = new ServerSocket(0, 50, address);
        } else {
            Credential shown =
                    issuer.issue(CertificateProfile.server("backend", names), SigningKey.EC_P256, Instant.now());
            SSLServerSocket secure = (SSLServerSocket) new RemoteServer("test", null, shown, "", "", "", true)
                    .tls()
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, address);
            secure.setWantClientAuth(true);
            server = secure;
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Whom to believe about its certificate. */
    X509Certificate authority() {
        return authority;
    }

    List<Call> calls() {
        return calls;
    }

    Call lastCall() {
        return calls.getLast();
    }

    /** Connections that are open. */
    int connections() {
        return open.size();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
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
            StringBuilder head = new StringBuilder();
            String line = line(in);
            while (!line.isEmpty()) {
                head.append(line).append("\r\n");
                line = line(in);
            }
            Call call = new Call(head.toString(), shown(socket), in, socket.getOutputStream());
            calls.add(call);
            handler.handle(call);
        } catch (IOException e) {
            // The other side has left, which a test may have wanted.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private static @Nullable X509Certificate shown(Socket socket) {
        try {
            return socket instanceof SSLSocket secure
                    ? (X509Certificate) secure.getSession().getPeerCertificates()[0]
                    : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /** A line without its end. */
    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = in.read();
        while (next != '\n') {
            if (next < 0 || line.length() > HEAD_BYTES_MAX) {
                throw new EOFException();
            }
            line.append((char) next);
            next = in.read();
        }
        return line.toString().stripTrailing();
    }

    /** The lower case of what a call wants to upgrade to. */
    static String upgrade(Call call) {
        return call.field("Upgrade").toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
