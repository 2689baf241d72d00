package io.keelson.apiserver.server;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A request to create a ConfigMap that takes as long as its body is not complete. */
record SlowRequest(Socket socket, String rest) {
    private static final Duration WAIT_MAX = Duration.ofSeconds(30);

    /** @param path of the ConfigMaps, with a query or without */
    static SlowRequest begin(LiveUsers.User user, String path, String name) throws IOException {
        URI url = URI.create(user.url());
        Socket socket = user.tls().getSocketFactory().createSocket(url.getHost(), url.getPort());
        socket.setSoTimeout((int) WAIT_MAX.toMillis());
        String json = "{\"metadata\":{\"name\":\"" + name + "\"}}";
        String head = "POST " + path
                + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
                + json.length() + "\r\n\r\n";
        socket.getOutputStream().write((head + json.substring(0, 5)).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return new SlowRequest(socket, json.substring(5));
    }

    int end() throws IOException {
        complete();
        return status();
    }

    void complete() throws IOException {
        socket.getOutputStream().write(rest.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** The code of the answer, for which this waits. */
    int status() throws IOException {
        try (socket) {
            String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            return Integer.parseInt(status.substring(9));
        }
    }

    /** All of an answer after which the server closes the connection. */
    String answer() throws IOException {
        try (socket) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
