package io.keelson.apiserver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ApiResponseTest {
    @Test
    void aStreamThatIsAbandonedEndsAtItsFirstWait() {
        AtomicBoolean letGo = new AtomicBoolean();
        ApiResponse response = new ApiResponse.Streamed(200, Map.of(), out -> {
            try {
                Thread.sleep(60_000);
            } finally {
                letGo.set(true);
            }
        });
        response.abandon();
        assertTrue(letGo.get());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void aConversationThatIsAbandonedHearsNothingAndEndsAtItsFirstWrite() {
        AtomicBoolean goesOn = new AtomicBoolean();
        AtomicBoolean letGo = new AtomicBoolean();
        ApiResponse response = new ApiResponse.Upgraded(Map.of("Upgrade", "echo"), (in, out) -> {
            try {
                assertEquals(-1, in.read());
                out.write(1);
                goesOn.set(true);
            } finally {
                letGo.set(true);
            }
        });
        response.abandon();
        assertTrue(letGo.get());
        assertFalse(goesOn.get());
        assertFalse(Thread.currentThread().isInterrupted());
    }
}
