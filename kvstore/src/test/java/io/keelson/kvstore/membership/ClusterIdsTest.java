package io.keelson.kvstore.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.keelson.kvstore.api.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIdsTest {
    @Test
    void etcdsDefaultFlagsMakeEtcdsFamousIds() {
        long member = ClusterIds.memberId(List.of("http://localhost:2380"), "etcd-cluster");
        assertEquals("8e9e05c52164694d", ClusterIds.text(member));
        assertEquals("cdf818194e3a8c32", ClusterIds.text(ClusterIds.clusterId(List.of(member))));
    }

    @Test
    void theOrderOfUrlsAndMembersDoesNotMatterButTimeDoes() {
        List<String> urls = List.of("http://10.0.0.1:2380", "http://10.0.0.2:2380");
        long one = ClusterIds.memberId(urls, "t");
        long other = ClusterIds.memberId(List.of("http://10.0.0.3:2380"), "t");
        assertEquals(one, ClusterIds.memberId(urls.reversed(), "t"));
        assertEquals(ClusterIds.clusterId(List.of(one, other)), ClusterIds.clusterId(List.of(other, one)));
        assertNotEquals(one, ClusterIds.memberId(urls, "t", 1_700_000_000));
    }

    @Test
    void anIdentityIsReadAsItWasWritten(@TempDir Path directory) throws IOException {
        assertNull(Identity.read(directory));
        Member member = Member.newBuilder()
                .setID(0x8e9e05c52164694dL)
                .setName("a")
                .addPeerURLs("http://localhost:2380")
                .build();
        Identity identity = new Identity(0xcdf818194e3a8c32L, member.getID(), "etcd-cluster", List.of(member), true);
        identity.write(directory);
        assertEquals(identity, Identity.read(directory));
    }
}
