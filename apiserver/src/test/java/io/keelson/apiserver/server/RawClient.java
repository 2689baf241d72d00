package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.RemoteServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** A connection to a server over which a test says what it likes, as the server's administrator. */
final class RawClient implements AutoCloseable {
    private final Socket socket;

    RawClient(ApiServer server) throws IOException {
        RemoteServer remote = server.kubeconfig().current(Path.of("."));
        URI uri = URI.create(server.url());
        socket = remote.tls().getSocketFactory().createSocket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(30_000);
    }

    /** What came back. */
    record Answer(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }
    }

    /** Sends a request without a body. */
    RawClient send(String method, String target, String... fields) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    Socket socket() {
        return socket;
    }

    /** The next answer; a body ends with its length, its last chunk, or the connection. */
    Answer answer() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        for (String line = TestBackend.line(in); !line.isEmpty(); line = TestBackend.line(in)) {
            head.append(line).append("\r\n");
        }
        String lower = head.toString().toLowerCase(Locale.ROOT);
        if (head.toString().startsWith("HTTP/1.1 101")) {
            return new Answer(head.toString(), "");
        }
        int length = lower.indexOf("\r\ncontent-length: ");
        if (length >= 0) {
            int begin = length + "\r\ncontent-length: ".length();
            int size = Integer.parseInt(lower.substring(begin, lower.indexOf("\r\n", begin)));
            return new Answer(head.toString(), new String(in.readNBytes(size), StandardCharsets.UTF_8));
        }
        if (!lower.contains("transfer-encoding: chunked")) {
            return new Answer(head.toString(), "");
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int size;
        do {
            size = Integer.parseInt(TestBackend.line(in), 16);
            body.write(in.readNBytes(size));
            var _ = TestBackend.line(in);
        } while (size > 0);
        return new Answer(head.toString(), body.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
