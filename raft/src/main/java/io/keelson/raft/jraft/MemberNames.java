package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.util.Endpoint;
import io.keelson.raft.RaftMember;
import java.util.ArrayList;
import java.util.List;

/**
 * What members are called inside the consensus library: the "address" of a member is its id in hexadecimal with a port
 * that means nothing. The transport's address book resolves it, so a member's URLs may change without a change of the
 * log's configuration.
 */
final class MemberNames {
    private static final int PORT = 1;

    private MemberNames() {}

    static PeerId peer(long memberId) {
        return new PeerId(Long.toHexString(memberId), PORT);
    }

    static long id(PeerId peer) {
        return id(peer.getEndpoint());
    }

    static long id(Endpoint endpoint) {
        return Long.parseUnsignedLong(endpoint.getIp(), 16);
    }

    /** The name of the log that all members of a cluster share. */
    static String group(long clusterId) {
        return "keelson-" + Long.toHexString(clusterId);
    }

    static Configuration configuration(List<RaftMember> members) {
        Configuration configuration = new Configuration();
        for (RaftMember member : members) {
            if (member.learner()) {
                configuration.addLearner(peer(member.id()));
            } else {
                configuration.addPeer(peer(member.id()));
            }
        }
        return configuration;
    }

    static List<RaftMember> members(Configuration configuration) {
        List<RaftMember> members = new ArrayList<>();
        for (PeerId peer : configuration.getPeers()) {
            members.add(new RaftMember(id(peer), false));
        }
        for (PeerId learner : configuration.getLearners()) {
            members.add(new RaftMember(id(learner), true));
        }
        return members;
    }
}
