package io.keelson.agent.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuntimeChoiceTest {
    private static final RuntimeEndpoint CONTAINERD = RuntimeChoice.WELL_KNOWN.get(0);
    private static final RuntimeEndpoint CRIO = RuntimeChoice.WELL_KNOWN.get(1);

    private static RuntimeChoice choose(String runtime, String images, Set<RuntimeEndpoint> there, Set<RuntimeEndpoint> answers) {
        return RuntimeChoice.choose(runtime, images, RuntimeChoice.WELL_KNOWN, there::contains, answers::contains);
    }

    @Test
    void withNoSocketAnywhereTheEmbeddedRuntimeIsTaken() {
        assertTrue(choose("", "", Set.of(), Set.of()).embedded());
    }

    @Test
    void containerdComesBeforeCrio() {
        Set<RuntimeEndpoint> both = Set.of(CONTAINERD, CRIO);
        assertEquals(Optional.of(CONTAINERD), choose("", "", both, both).runtime());
        assertEquals(Optional.of(CRIO), choose("", "", Set.of(CRIO), both).runtime());
    }

    @Test
    void aSocketThatADeadRuntimeLeftIsPassedOver() {
        RuntimeChoice choice = choose("", "", Set.of(CONTAINERD, CRIO), Set.of(CRIO));
        assertEquals(Optional.of(CRIO), choice.runtime());
        assertEquals(1, choice.passedOver().size());
        assertTrue(choice.passedOver().getFirst().contains("containerd.sock is there, but nobody answers"));
    }

    @Test
    void whatIsAskedForIsTakenWithoutALook() {
        RuntimeChoice choice = choose("unix:///a", "", Set.of(CONTAINERD), Set.of(CONTAINERD));
        assertEquals(new RuntimeEndpoint("/a"), choice.runtime().orElseThrow());
        assertEquals(new RuntimeEndpoint("/a"), choice.images().orElseThrow());
        assertEquals(
                new RuntimeEndpoint("/b"),
                choose("unix:///a", "unix:///b", Set.of(), Set.of()).images().orElseThrow());
        assertTrue(choose("embedded", "", Set.of(CONTAINERD), Set.of(CONTAINERD)).embedded());
    }

    @Test
    void imagesWithoutTheirRuntimeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> choose("", "unix:///b", Set.of(), Set.of()));
        assertThrows(IllegalArgumentException.class, () -> choose("embedded", "unix:///b", Set.of(), Set.of()));
    }
}
