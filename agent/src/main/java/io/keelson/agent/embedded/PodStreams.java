package io.keelson.agent.embedded;

import io.keelson.agent.embedded.streaming.ProcessStream;
import io.keelson.agent.embedded.streaming.ProcessStreams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The streams of what runs in pods, through the pods' shims. */
final class PodStreams implements ProcessStreams {
    private final Inventory inventory;
    private final Containers containers;

    PodStreams(Inventory inventory, Containers containers) {
        this.inventory = inventory;
        this.containers = containers;
    }

    @Override
    public ProcessStream exec(String containerId, List<String> command, boolean terminal, boolean input)
            throws IOException {
        long flags = (terminal ? ShimTag.TERMINAL : 0) | (input ? ShimTag.INPUT : 0);
        return new Stream(containers.exec(inventory.container(containerId), command, flags));
    }

    @Override
    public ProcessStream attach(String containerId) throws IOException {
        Container container = inventory.container(containerId);
        Containers.requireRunning(container);
        return new Stream(new ShimClient(container.sandbox().socket())
                .stream(ShimMessage.ATTACH, new ShimFields().text(ShimTag.ID, container.id())));
    }

    @Override
    public ProcessStream dial(String sandboxId, int port) throws IOException {
        Sandbox sandbox = inventory.sandbox(sandboxId);
        return new Stream(
                new ShimClient(sandbox.socket()).stream(ShimMessage.DIAL, new ShimFields().number(ShimTag.PORT, port)));
    }

    private record Stream(ShimConnection connection) implements ProcessStream {
        @Override
        public @Nullable Piece read() throws IOException {
            ShimConnection.Frame frame = connection.receive();
            if (frame == null) {
                return null;
            }
            return switch (frame.message()) {
                case ShimMessage.OUTPUT -> new Output(false, frame.payload());
                case ShimMessage.ERROR_OUTPUT -> new Output(true, frame.payload());
                case ShimMessage.EXITED ->
                    new Exit((int) ShimFields.number(ShimFields.read(frame.payload()), ShimTag.CODE));
                case ShimMessage.FAILED ->
                    throw new ShimRefusal(ShimFields.text(ShimFields.read(frame.payload()), ShimTag.TEXT));
                default ->
                    throw new IOException("the shim sent frame " + frame.message() + ": "
                            + new String(frame.payload(), StandardCharsets.ISO_8859_1));
            };
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = offset; at < offset + length; at += ShimMessage.DATA_MAX) {
                int end = Math.min(offset + length, at + ShimMessage.DATA_MAX);
                connection.send(ShimMessage.INPUT, Arrays.copyOfRange(bytes, at, end));
            }
        }

        @Override
        public void closeInput() throws IOException {
            connection.send(ShimMessage.INPUT_END, new byte[0]);
        }

        @Override
        public void resize(int rows, int columns) throws IOException {
            connection.send(
                    ShimMessage.RESIZE,
                    new ShimFields()
                            .number(ShimTag.ROWS, rows)
                            .number(ShimTag.COLUMNS, columns)
                            .toBytes());
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
