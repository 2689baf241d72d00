package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.SecurityProfile;
import java.io.IOException;

final class SeccompFilters {
    byte[] filter(LinuxContainerSecurityContext context, Capabilities capabilities) throws IOException {
        return new byte[0];
    }
}
