package io.keelson.apiserver.debug;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code /debug}: a list of what there is, {@code /debug/threads} (all threads, virtual ones too, with their
 * stacks), and {@code /debug/flight?seconds=N} (a recording of so many seconds for JDK Mission Control or {@code jfr}).
 * One thing at a time: whoever comes meanwhile gets 429.
 */
public final class DebugHandler implements Handler {
    private static final int SECONDS_DEFAULT = 30;
    private static final int SECONDS_MAX = 300;
    private static final String INDEX = """
            /debug/threads              every thread with its stack
            /debug/flight?seconds=30    a flight recording of so many seconds, at most 300
            """;

    private final Semaphore one = new Semaphore(1);

    @Override
    public ApiResponse handle(ApiRequest request) throws InterruptedException {
        String path = request.info().path();
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            throw ApiException.of(
                    Reason.METHOD_NOT_ALLOWED, "the server does not allow this method on the requested resource");
        }
        return switch (path) {
            case "/debug", "/debug/" -> text(INDEX.getBytes(StandardCharsets.UTF_8));
            case "/debug/threads" -> alone(() -> text(threads()));
            case "/debug/flight" -> {
                int seconds = seconds(request.query().first("seconds"));
                yield alone(() -> flight(seconds));
            }
            default -> throw ApiException.noSuchResource();
        };
    }

    /** Something that takes a while. */
    private interface Look {
        ApiResponse now() throws IOException, InterruptedException;
    }

    private ApiResponse alone(Look look) throws InterruptedException {
        if (!one.tryAcquire()) {
            throw ApiException.tooManyRequests("somebody else is looking; please try again later", 1);
        }
        try {
            return look.now();
        } catch (IOException e) {
            throw ApiException.internal("cannot write to the folder of temporary files: " + e.getMessage(), e);
        } finally {
            one.release();
        }
    }

    private static int seconds(@Nullable String text) {
        if (text == null) {
            return SECONDS_DEFAULT;
        }
        try {
            int seconds = Integer.parseInt(text);
            if (seconds >= 1 && seconds <= SECONDS_MAX) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw ApiException.badRequest("seconds must be a number from 1 to " + SECONDS_MAX);
    }

    private static byte[] threads() throws IOException {
        Path folder = Files.createTempDirectory("keelson-debug");
        Path file = folder.resolve("threads");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
            return Files.readAllBytes(file);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
    }

    private static ApiResponse flight(int seconds) throws IOException, InterruptedException {
        Path file = Files.createTempFile("keelson-debug", ".jfr");
        try (Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
            recording.setMaxSize(256 << 20);
            recording.start();
            Thread.sleep(seconds * 1_000L);
            recording.stop();
            recording.dump(file);
            return new ApiResponse.Whole(
                    200,
                    Map.of(
                            "Content-Type",
                            "application/octet-stream",
                            "Content-Disposition",
                            "attachment; filename=\"keelson.jfr\""),
                    List.of(ByteBuffer.wrap(Files.readAllBytes(file))));
        } catch (ParseException e) {
            throw new IOException("this JVM has no recording profile", e);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static ApiResponse text(byte[] text) {
        return ApiResponse.of(200, "text/plain; charset=utf-8", text);
    }
}
