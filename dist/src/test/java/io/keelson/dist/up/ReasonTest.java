package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

final class ReasonTest {
    @Test
    void ofARequestWithoutAnswerTheCauseIsTold() {
        assertEquals(
                "Connection refused",
                Reason.of(new KubernetesClientException(
                        "An error has occurred.",
                        new IOException("ended", new ConnectException("Connection refused")))));
        assertEquals("pods is forbidden", Reason.of(new KubernetesClientException("pods is forbidden", 403, null)));
    }

    @Test
    void ofAFileItIsToldWhatIsWrongWithIt() {
        assertEquals("/x is not there", Reason.of(new NoSuchFileException("/x")));
        assertEquals(
                "/x is not for this user: run this as the user who owns it, or as root",
                Reason.of(new AccessDeniedException("/x")));
    }

    @Test
    void whatSaysNothingIsNamed() {
        assertEquals("IllegalStateException", Reason.of(new IllegalStateException()));
    }
}
