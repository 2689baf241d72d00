package io.keelson.agent.pods.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.wire.cri.IDMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserNamespacesTest {
    private PodFolders folders;

    @BeforeEach
    void begin(@TempDir Path folder) {
        folders = new PodFolders(folder, folder.resolve("logs"));
    }

    private static Pod pod(String uid) {
        return new PodBuilder(Samples.pod("hostUsers: false\ncontainers: [{name: a, image: x}]"))
                .editMetadata()
                .withUid(uid)
                .endMetadata()
                .build();
    }

    @Test
    void noTwoPodsShareUsersAlsoAfterARestart() throws PodProblem, IOException {
        UserNamespaces users = new UserNamespaces(folders);
        List<IDMapping> one = users.of(pod("one"));
        List<IDMapping> two = users.of(pod("two"));
        assertNotEquals(one, two);
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(folders.pod("one"))));
        assertEquals(65_536, one.getFirst().getHostId(), "the node's own users are nobody's");
        assertEquals(one, users.of(pod("one")));
        UserNamespaces later = new UserNamespaces(folders);
        assertEquals(two, later.of(pod("two")));
        assertEquals(3 * 65_536, later.of(pod("three")).getFirst().getHostId());
        later.release("one");
        assertEquals(one, later.of(pod("four")));
        UserNamespaces last = new UserNamespaces(folders);
        assertEquals(one, last.of(pod("four")));
        assertNotEquals(one, last.of(pod("one")), "who gave them back had them still");
    }

    @Test
    void aPodWithTheNodesUsersHasNoneOfItsOwn() throws PodProblem {
        assertEquals(List.of(), new UserNamespaces(folders).of(Samples.pod("containers: [{name: a, image: x}]")));
    }

    @Test
    void aDamagedFileIsNotBelieved() throws IOException, PodProblem {
        for (String text : List.of(
                "", "{", "[]", "{\"uidMappings\":[{\"hostId\":7}]}", "{\"uidMappings\":[{\"hostId\":-65536}]}")) {
            Files.createDirectories(folders.pod("one"));
            Files.writeString(folders.pod("one").resolve("userns"), text);
            assertEquals(
                    65_536,
                    new UserNamespaces(folders).of(pod("one")).getFirst().getHostId(),
                    text);
        }
    }
}
