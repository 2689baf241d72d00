package io.keelson.agent.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Network namespaces of one test, which go when it ends. */
public final class Namespaces implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Duration TIME = Duration.ofSeconds(20);

    private final List<String> names = new ArrayList<>();
    private final List<ServerSocket> servers = new ArrayList<>();

    /** A new one, as a file. */
    public Path add() throws IOException, InterruptedException {
        String name = "knet-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
        names.add(name);
        ip("netns", "add", name);
        return Path.of("/run/netns", name);
    }

    public void remove(Path namespace) throws IOException, InterruptedException {
        String name = String.valueOf(namespace.getFileName());
        names.remove(name);
        ip("netns", "del", name);
    }

    public static String ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments));
        return run(command);
    }

    /** Runs something in a namespace, and returns what it says. */
    public static String in(Path namespace, String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(new NetworkNamespace(namespace).prefix());
        line.addAll(Arrays.asList(command));
        return run(line);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        BoundedProgram.Result result = BoundedProgram.run(command, null, "", TIME);
        if (result.code() != 0) {
            throw new IOException(command + ": " + result.errors());
        }
        return result.output();
    }

    /** Connects two namespaces by a pair of links with these addresses. */
    public static void connect(Path one, String oneAddress, Path other, String otherAddress)
            throws IOException, InterruptedException {
        String number = Integer.toString(NUMBERS.incrementAndGet());
        String left = "up" + number + "a";
        String right = "up" + number + "b";
        String oneName = String.valueOf(one.getFileName());
        String otherName = String.valueOf(other.getFileName());
        ip("link", "add", left, "netns", oneName, "type", "veth", "peer", "name", right, "netns", otherName);
        ip("-n", oneName, "addr", "add", oneAddress, "dev", left, "nodad");
        ip("-n", oneName, "link", "set", left, "up");
        ip("-n", otherName, "addr", "add", otherAddress, "dev", right, "nodad");
        ip("-n", otherName, "link", "set", right, "up");
    }

    /** Answers everybody on a port with the address that he seems to come from. */
    public void serve(Path namespace, int port) throws IOException, InterruptedException {
        ServerSocket server = new NetworkNamespace(namespace).call(() -> new ServerSocket(port));
        servers.add(server);
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                try (Socket socket = server.accept()) {
                    String from = socket.getInetAddress().getHostAddress();
                    socket.getOutputStream().write(from.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    /** What is said to somebody in a namespace who connects. */
    public static String ask(Path namespace, String address, int port) throws IOException, InterruptedException {
        return ask(namespace, address, port, "");
    }

    /** What is said to somebody in a namespace who connects and says something. */
    public static String ask(Path namespace, String address, int port, String text)
            throws IOException, InterruptedException {
        return ask(namespace, address, port, text, 5000);
    }

    /** The same where it is likely that nobody answers. */
    static String askSoon(Path namespace, String address, int port) throws IOException, InterruptedException {
        return ask(namespace, address, port, "", 400);
    }

    private static String ask(Path namespace, String address, int port, String text, int millis)
            throws IOException, InterruptedException {
        try (Socket socket = new NetworkNamespace(namespace).call(() -> {
            Socket made = new Socket();
            made.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), millis);
            return made;
        })) {
            socket.setSoTimeout(millis);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws IOException {
        for (ServerSocket server : servers) {
            server.close();
        }
        for (String name : names) {
            try {
                ip("netns", "del", name);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("the namespace " + name + " is left", e);
            }
        }
    }
}
