// Gossip's datagrams.
#include "wire/datagram.hpp"

#include "wire/gossip_codec.hpp"
#include "wire/limits.hpp"
#include "wire/link_codec.hpp"

namespace conclave::schema {

static void put(Datagram::Builder out, const engine::Datagram& value) {
  put(out.initHeader(), value.header);
  out.setClusterName(text(value.cluster_name));
  put(out.initGossip(), value.message);
}

static engine::Datagram take(Datagram::Reader in) {
  return {.header = take(in.getHeader()),
          .cluster_name = take_text(in.getClusterName(), cluster_name_bytes_max, "Datagram.clusterName"),
          .message = take(in.getGossip())};
}

}  // namespace conclave::schema

namespace conclave::wire {

Bytes encode(const engine::Datagram& datagram) { return write_segment<schema::Datagram>(datagram, datagram_bytes_max); }

Result<engine::Datagram> decode_datagram(BytesView body) {
  return guard_reading(errc::protocol_violation, "datagram", [&] {
    if (body.size() > datagram_bytes_max) schema::too_long(body.size(), datagram_bytes_max, "the body");
    SegmentReader segment(body);
    return take(segment.root<schema::Datagram>());
  });
}

}  // namespace conclave::wire
