package io.keelson.kvstore.apply;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.mvcc.MvccWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A member in a JVM of its own with a small heap, and the largest requests there can be. Ends with 0 if all goes well. */
final class SmallHeap {
    static final String DELETE = "delete";
    static final String ANSWER = "answer";

    private static final int VALUE_BYTES = 100_000;
    private static final ByteString OPEN_END = ByteString.copyFrom(new byte[] {0});

    private SmallHeap() {}

    /** Runs a case in a JVM with so much heap; returns what it said, the exit code last. */
    static String run(String which, Path folder, int heapMib) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx" + heapMib + "m",
                "-XX:+UseG1GC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeap.class.getName(),
                which,
                folder.toString()));
        Path said = folder.resolveSibling(which + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                throw new AssertionError("no end within two minutes: " + Files.readString(said));
            }
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(said) + process.exitValue();
    }

    public static void main(String[] arguments) {
        try (TestMember member = new TestMember(Path.of(arguments[1]), 1000, 0, 1L << 30)) {
            if (arguments[0].equals(DELETE)) {
                delete(member);
            } else {
                answer(member);
            }
        }
    }

    /** As large a deletion as there can be. */
    private static void delete(TestMember member) {
        int keys = (int) (MvccWriter.COMMAND_BYTES_MAX / (VALUE_BYTES + 1000));
        fill(member, keys);
        DeleteRangeResponse deleted = member.delete(DeleteRangeRequest.newBuilder()
                .setKey(OPEN_END)
                .setRangeEnd(OPEN_END)
                .build());
        require(deleted.getDeleted() == keys, "deleted " + deleted.getDeleted() + " of " + keys);
        member.put("after", "1");
    }

    /** A transaction that puts one key and reads more than the heap holds. */
    private static void answer(TestMember member) {
        int keys = (int) (Runtime.getRuntime().maxMemory() * 3 / 2 / VALUE_BYTES);
        fill(member, keys);
        RequestOp everything = RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(OPEN_END).setRangeEnd(OPEN_END))
                .build();
        ApplyResult result = member.apply(TxnRequest.newBuilder()
                .addSuccess(put("first"))
                .addSuccess(everything)
                .addSuccess(put("last"))
                .build());
        require("RESPONSE_TOO_LARGE".equals(String.valueOf(result.error())), "answered with " + result.error());
        require(member.range("first", "", 0).getCount() == 1, "the first put is lost");
        require(member.range("last", "", 0).getCount() == 1, "the last put is lost");
        member.put("after", "1");
    }

    private static RequestOp put(String key) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
                .build();
    }

    private static void fill(TestMember member, int keys) {
        ByteString value = ByteString.copyFrom(new byte[VALUE_BYTES]);
        for (int i = 0; i < keys; i++) {
            member.put(PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("key%06d".formatted(i)))
                    .setValue(value)
                    .build());
            member.sink().revisions().clear();
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
