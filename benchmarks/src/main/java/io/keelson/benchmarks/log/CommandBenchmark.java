package io.keelson.benchmarks.log;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A put becomes a command of the log, and a put again on every member. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CommandBenchmark {
    /** Bytes of the value. */
    @Param({"256"})
    public int valueBytes;

    private byte[] request = {};
    private byte[] command = {};

    @Setup(Level.Trial)
    public void make() {
        request = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("/registry/pods/default/pod-0000001"))
                .setValue(ByteString.copyFrom(new byte[valueBytes]))
                .build()
                .toByteArray();
        command = Command.of(CommandKind.PUT, request).encode();
    }

    @Benchmark
    public byte[] encode() {
        return Command.of(CommandKind.PUT, request).encode();
    }

    @Benchmark
    public PutRequest decode() throws InvalidProtocolBufferException {
        return PutRequest.parseFrom(Command.decode(ByteBuffer.wrap(command)).payload());
    }
}
