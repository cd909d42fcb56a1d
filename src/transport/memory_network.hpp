// The in-memory twin of a network: transports that meet in one hub. Deterministic, without threads and without a time
// of its own: whatever is sent becomes a packet in the owner's hands, and the owner (a simulator, a test) decides when
// and whether it arrives. Packets carry frames and datagrams as they are on the wire, so a bit that the owner turns
// meets the checks of the shipping code.
//
// The owner's part of the bargain:
//   - It takes packets in the order of sending, and only keeps them: `Carrier` is called from within commands.
//   - It delivers packets with the same `link` in the order of sending, as TCP does, unless it wants to see what
//     happens otherwise: to the hub each packet stands for itself, so it may also drop, repeat, alter or reorder them.
//   - A packet that never arrives occupies its link's queue for ever, like bytes that no peer acknowledges. The owner
//     ends this with `lose`, or with `reset` when the system would give the link up.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <conclave/result.hpp>

#include "transport/transport.hpp"

namespace conclave::transport {

class MemoryTransport;

/// What one machine sends to another.
struct Packet {
  enum class Kind : std::uint8_t {
    dial,      ///< asks for a link
    accept,    ///< the answer: it is open
    refuse,    ///< the answer: nobody listens
    frame,     ///< one frame
    close,     ///< the other end of the link is closed, or never was
    datagram,  ///< one datagram
  };
  Kind kind = Kind::datagram;
  /// Of the two transports, as they were opened.
  Address from;
  Address to;
  /// The end of a link that it is for, which also tells the direction; 0 for a datagram.
  LinkId link;
  /// Of a frame or datagram: as on the wire.
  Bytes bytes;
  /// The owner's: it travels with the packet, and means nothing here.
  std::shared_ptr<const void> note;

  friend bool operator==(const Packet&, const Packet&) = default;
};

class MemoryNetwork {
 public:
  using Carrier = std::function<void(Packet)>;

  explicit MemoryNetwork(Carrier carry) : carry_(std::move(carry)) {}
  MemoryNetwork(const MemoryNetwork&) = delete;
  MemoryNetwork& operator=(const MemoryNetwork&) = delete;

  /// A transport at `address`, which no other may have meanwhile (`errc::address_in_use`). With `listens` it can be
  /// dialled there. The network outlives it. Its end, or `stop`, is the end of a process: its system closes the links.
  [[nodiscard]] Result<std::unique_ptr<Transport>> open(const Address& address, bool listens = true,
                                                        const LinkLimits& limits = {});

  /// The packet arrives. A listener may hear of it, and new packets may be carried, from within this call.
  void deliver(const Packet& packet);
  /// The sender's system gives up on the packet: a dial has timed out, a frame frees its place in the queue.
  void lose(const Packet& packet);

  /// An open link as one end sees it; `peer` is the other end, which may know better.
  struct End {
    LinkId link;
    LinkId peer;
    Address local;
    Address remote;

    friend auto operator<=>(const End&, const End&) = default;
  };
  /// In the order of their ids.
  [[nodiscard]] std::vector<End> ends() const;
  /// The system at this end gives up on the link: its listener hears of it, the other end does not.
  void reset(LinkId link, const Error& why);

  /// The machine at `address` loses power: no more of its transport, and no farewell to anybody. Packets that are
  /// delivered there from now on are answered as by a machine that is up again; until then, `lose` them.
  void cut(const Address& address);

 private:
  friend class MemoryTransport;

  struct Socket {
    MemoryTransport* owner = nullptr;
    /// Of the transport at the other end.
    Address remote;
    bool open = false;
    std::size_t queued_frames = 0;
    std::size_t queued_bytes = 0;
  };
  using Sockets = std::map<LinkId, Socket>;

  void dial(MemoryTransport& from, const Address& to);
  [[nodiscard]] Sent send(MemoryTransport& from, LinkId link, BytesView body);
  void close(MemoryTransport& from, LinkId link);
  void stop(MemoryTransport& transport);

  void on_dial(const Packet& packet);
  void on_accept(const Packet& packet);
  void on_frame(const Packet& packet);
  void take_frames(LinkId link, BytesView bytes);
  void on_close(const Packet& packet);
  void on_datagram(const Packet& packet);
  void fail_dial(LinkId link, DialFailure reason, std::errc code);
  void free_queue(const Packet& packet);
  void answer(Packet::Kind kind, const Packet& packet);
  Socket take(Sockets::iterator socket);
  /// The transport that listens at `address`, or null.
  [[nodiscard]] MemoryTransport* listener_at(const Address& address) const;

  Carrier carry_;
  std::map<Address, MemoryTransport*> transports_;
  Sockets sockets_;
  std::uint64_t links_made_ = 0;
};

}  // namespace conclave::transport
