package io.keelson.agent.pods.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserNamespacesTest {
    private PodFolders folders;

    @BeforeEach
    void begin(@TempDir Path folder) {
        folders = new PodFolders(folder, folder.resolve("logs"));
    }

    private UserNamespaces users() {
        return users(UserRanges.usual(UserRanges.USUAL_PER_POD, 110));
    }

    private UserNamespaces users(UserRanges ranges) {
        return new UserNamespaces(folders, ranges, UserSupport.BY_RUNTIME);
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
        UserNamespaces users = users();
        List<IDMapping> one = users.of(pod("one"));
        List<IDMapping> two = users.of(pod("two"));
        assertNotEquals(one, two);
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(folders.pod("one"))));
        assertEquals(65_536, one.getFirst().getHostId(), "the node's own users are nobody's");
        assertEquals(one, users.of(pod("one")));
        UserNamespaces later = users();
        assertEquals(two, later.of(pod("two")));
        assertEquals(3 * 65_536, later.of(pod("three")).getFirst().getHostId());
        later.release("one");
        assertEquals(one, later.of(pod("four")));
        UserNamespaces last = users();
        assertEquals(one, last.of(pod("four")));
        assertNotEquals(one, last.of(pod("one")), "who gave them back had them still");
    }

    @Test
    void aPodWithTheNodesUsersHasNoneOfItsOwn() throws PodProblem {
        assertEquals(List.of(), users().of(Samples.pod("containers: [{name: a, image: x}]")));
    }

    @Test
    void thereAreAsManyAsPodsAndEachHasWhatIsSaid() throws PodProblem {
        UserNamespaces users = users(UserRanges.usual(131_072, 2));
        assertEquals(
                "host_id: 131072\nlength: 131072\n",
                users.of(pod("one")).getFirst().toString());
        assertEquals(262_144, users.of(pod("two")).getFirst().getHostId());
        var problem = assertThrows(PodProblem.class, () -> users.of(pod("three")));
        assertEquals("FailedCreatePodSandBox", problem.eventReason());
        assertTrue(problem.message().contains("could not find an empty slot to allocate a user namespace"));
        users.release("one");
        assertEquals(131_072, users.of(pod("three")).getFirst().getHostId());
    }

    @Test
    void aPodKeepsItsUsersWhenOthersAreGivenOut() throws PodProblem {
        List<IDMapping> before = users(UserRanges.usual(131_072, 2)).of(pod("one"));
        UserNamespaces later = users();
        assertEquals(before, later.of(pod("one")));
        assertEquals(65_536, later.of(pod("two")).getFirst().getHostId());
        assertEquals(262_144, later.of(pod("three")).getFirst().getHostId(), "those between are another's");
    }

    @Test
    void numbersOfAllBitsCanBeGiven() throws PodProblem {
        UserNamespaces users = users(new UserRanges(4_294_901_760L, 65_536, 65_536));
        assertEquals(
                4_294_901_760L,
                Integer.toUnsignedLong(users.of(pod("one")).getFirst().getHostId()));
    }

    @Test
    void whatTheRuntimeCannotDoIsRefused() throws PodProblem {
        UserNamespaces users = new UserNamespaces(
                folders,
                UserRanges.usual(UserRanges.USUAL_PER_POD, 110),
                handler -> handler.isEmpty() ? Optional.of("it has none") : Optional.empty());
        users.requireSupport(pod("one"), "able");
        users.requireSupport(Samples.pod("containers: [{name: a, image: x}]"), "");
        var problem = assertThrows(PodProblem.class, () -> users.requireSupport(pod("one"), ""));
        assertEquals("Failed to create pod sandbox: it has none", problem.message());
        assertEquals("FailedCreatePodSandBox", problem.eventReason());
    }

    @Test
    void subordinateIdsOfTheKubeletAreRead() throws IOException {
        assertEquals(
                new UserRanges(65_536, 7_208_960, 65_536), UserRanges.parse("0: kubelet 65536 7208960\n", 65_536, 110));
        for (String wrong : List.of(
                "",
                "0: kubelet 65536",
                "0: kubelet x 7208960",
                "a\nb",
                "0: kubelet 65537 7208960",
                "0: kubelet 0 7208960",
                "0: kubelet 65536 65537",
                "0: kubelet 65536 65536",
                "0: kubelet 4294901760 7208960")) {
            assertThrows(IOException.class, () -> UserRanges.parse(wrong, 65_536, 110), wrong);
        }
    }

    @Test
    void aDamagedFileIsNotBelieved() throws IOException, PodProblem {
        for (String text : List.of(
                "", "{", "[]", "{\"uidMappings\":[{\"hostId\":7}]}", "{\"uidMappings\":[{\"hostId\":-65536}]}")) {
            Files.createDirectories(folders.pod("one"));
            Files.writeString(folders.pod("one").resolve("userns"), text);
            assertEquals(65_536, users().of(pod("one")).getFirst().getHostId(), text);
        }
    }
}
