package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcFactory;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.util.Endpoint;
import com.alipay.sofa.jraft.util.SPI;
import org.jspecify.annotations.Nullable;

/** Puts our transport in the place of the consensus library's own. Found by its service loader. */
@SPI(name = "keelson", priority = 100)
public final class PeerRpcFactory implements RaftRpcFactory {
    @Override
    public void registerProtobufSerializer(String className, Object... args) {
        // Messages are known by their classes, see ConsensusMessage.
    }

    @Override
    public RpcClient createRpcClient(@Nullable ConfigHelper<RpcClient> helper) {
        PeerRpcClient client = new PeerRpcClient();
        if (helper != null) {
            helper.config(client);
        }
        return client;
    }

    @Override
    public ConfigHelper<RpcClient> defaultJRaftClientConfigHelper(RpcOptions options) {
        return client -> ((PeerRpcClient) client).belongTo((MemberOptions) options);
    }

    @Override
    public RpcServer createRpcServer(Endpoint endpoint, @Nullable ConfigHelper<RpcServer> helper) {
        throw new UnsupportedOperationException("requests are served by ConsensusService");
    }
}
