package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.SnapshotRequest;
import io.keelson.kvstore.api.SnapshotResponse;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.storage.Folders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;

/**
 * {@code snapshot save}: streams a member's snapshot into {@code FILE.part}, checks the SHA-256 it ends with, syncs, and
 * only then gives the file its name. A failure leaves no file of that name.
 */
final class SnapshotSaveCommand {
    private static final int SUM_BYTES = 32;

    /** A snapshot is whole pages of 512 bytes, followed by their SHA-256. */
    private static final int PAGE_BYTES = 512;

    private SnapshotSaveCommand() {}

    static void run(Invocation call) {
        call.requireWords(1, "snapshot save expects one argument");
        List<String> endpoints = call.config().endpoints();
        if (endpoints.size() != 1) {
            throw CommandFailure.of(
                    ExitCode.INTERRUPTED,
                    "snapshot must be requested to one selected node, not multiple ["
                            + ByteText.ofText(String.join(" ", endpoints)) + "]");
        }
        String name = call.words().getFirst();
        Path file = Path.of(ByteText.toText(name));
        Path part = Path.of(ByteText.toText(name) + ".part");
        // A snapshot takes as long as it takes, unless the user set a time.
        Deadline deadline = call.arguments().given("command-timeout") ? call.deadline() : null;
        KvClient client = call.client();
        String version;
        try (FileChannel out = open(part, name)) {
            Iterator<SnapshotResponse> blobs =
                    client.stream(MaintenanceGrpc.getSnapshotMethod(), SnapshotRequest.getDefaultInstance(), deadline);
            version = receive(call.console(), blobs, out);
            out.force(true);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (StatusRuntimeException e) {
            throw failed(part, ErrorText.of(e), e);
        } catch (IOException e) {
            throw failed(part, ErrorText.of(e), e);
        }
        syncFolder(file);
        call.console().println("Snapshot saved at " + name);
        if (!version.isEmpty()) {
            call.console().println("Server version " + ByteText.ofText(version));
        }
    }

    private static FileChannel open(Path part, String name) {
        try {
            return FileChannel.open(
                    part,
                    EnumSet.of(
                            StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (NoSuchFileException e) {
            throw notOpened(name, "no such file or directory");
        } catch (AccessDeniedException e) {
            throw notOpened(name, "permission denied");
        } catch (IOException e) {
            throw notOpened(name, ErrorText.of(e));
        }
    }

    private static CommandFailure notOpened(String name, String reason) {
        return CommandFailure.of(
                ExitCode.INTERRUPTED, "could not open " + name + ".part (open " + name + ".part: " + reason + ")");
    }

    private static CommandFailure failed(Path part, String text, Exception cause) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return CommandFailure.of(ExitCode.INTERRUPTED, text);
    }

    /** Writes all blobs; the version of the server that made them, if it said. */
    private static String receive(Console console, Iterator<SnapshotResponse> blobs, FileChannel out)
            throws IOException {
        Progress progress = new Progress(console, "snapshot");
        MessageDigest digest = sha256();
        ByteString tail = ByteString.EMPTY;
        String version = "";
        long written = 0;
        while (blobs.hasNext()) {
            SnapshotResponse response = blobs.next();
            if (!response.getVersion().isEmpty()) {
                version = response.getVersion();
            }
            ByteString blob = response.getBlob();
            write(out, blob);
            written += blob.size();
            ByteString pending = tail.concat(blob);
            int body = Math.max(0, pending.size() - SUM_BYTES);
            pending.substring(0, body).asReadOnlyByteBufferList().forEach(digest::update);
            tail = pending.substring(body);
            progress.bytes(written, written + response.getRemainingBytes());
        }
        progress.end();
        if (written % PAGE_BYTES != SUM_BYTES) {
            throw new IOException("sha256 checksum not found [bytes: " + written + "]");
        }
        if (!MessageDigest.isEqual(digest.digest(), tail.toByteArray())) {
            throw new IOException("sha256 checksum of the snapshot does not match its content [bytes: " + written
                    + "]; it was damaged on the way, save it again");
        }
        return version;
    }

    private static void write(FileChannel out, ByteString blob) throws IOException {
        for (ByteBuffer buffer : blob.asReadOnlyByteBufferList()) {
            while (buffer.hasRemaining()) {
                var _ = out.write(buffer);
            }
        }
    }

    /** So that the new name, too, survives a power cut. */
    private static void syncFolder(Path file) {
        try {
            Folders.sync(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw CommandFailure.of(ExitCode.INTERRUPTED, e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
